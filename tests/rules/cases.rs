//! The cases of each rule, by the name of its folder. Not written by hand: `UPDATE=1 cargo test --test main rules::` keeps it.

crate::listed::one_test_each! {
    crate::rules::case;
    bad_suppression {
        file
        lines
        readme
    }
    blocked_once {
        found
        readme
        silent
    }
    blocked_receive {
        counted
        guarded
        objects
        own_end
        quiet
        readme
        shared
        skipped_answers
    }
    blocked_send {
        abandoned
        abandoned_values
        answers
        behind_a_case
        behind_interface
        causes
        counted
        fixes
        guarded
        in_tests
        latched
        leaves_before
        objects
        one_of_several
        other_package
        read_elsewhere
        reader_behind_method
        readers_fail
        readme
        recovered
        replies_made_elsewhere
        safety
        scope
        shared
        shutdown_handshake
        slots
        there_for_sure
    }
    http_without_context {
        calls
        fixes
        kept
        program
        readme
        scope
        tests
    }
    ignored_context {
        goroutines
        limits
        loops
        readme
        scope
        slots
        waits
    }
    lost_cancel {
        deferred
        fields
        fixes
        levels
        moves
        paths
        process
        readme
        safety
    }
    stuck_connection {
        cleanup
        fixes
        process
        readme
        reads
        safety
        ways
    }
    stuck_lock {
        callbacks
        fixed
        in_module
        kept
        kept_for_good
        kept_silent
        linked
        orders
        orders_silent
        readme
        safety
        subscribers
        twice
        twice_silent
        waits
        waits_elsewhere
        waits_silent
    }
    unclosed_body {
        bodies
        fixes
        in_tests
        process
        readme
        rounds
        rows
        safety
    }
    unclosed_pipe {
        commands
        fixes
        pipes
        readme
        safety
    }
    undrained_timer {
        fixed
        found
        readme
        silent
    }
    unfinished_wait {
        fields
        local
        mended
        others
        readme
        unwoken
    }
    unguarded_loop {
        behind_interface
        callers_give_background
        fixes
        guards
        loops
        one_for_all
        other_package
        process
        readme
        snippet
        started_by_other_package
    }
    unreleased_listener {
        fixes
        listeners
        made
        over
        process
        program
        readme
        safety
        servers
        signals
        tests
    }
    unstopped_ticker {
        afterfunc
        fields
        fixes
        go123
        moves
        paths
        process
        readme
        safety
        tick
        timers
    }
    unstopped_workers {
        closed_by_helper
        closed_far_away
        one_of_several
        owners
        readme
        workers
    }
}
