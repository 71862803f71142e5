//! The proved cases of the corpus, by rule. Not written by hand: `UPDATE=1 cargo test --test main corpus::` keeps it.

crate::listed::one_test_each! {
    crate::corpus::case;
    blocked_once {
        calls_itself
        loop_inside
        wait_inside
    }
    blocked_receive {
        answer_skipped
        closed_on_some_ways
        error_without_send
        items_passed_over
        no_sender
        owner_leaves_first
        read_twice
        results_never_closed
        wait_before_close
    }
    blocked_send {
        afterfunc_callback
        buffer_too_small
        done_arm_beside_receive
        early_return
        either_reader_leaves
        fan_in_one_hangs
        first_answer_wins
        first_one_let_through
        generic_merge
        missing_return
        nil_channel
        no_receiver
        poller_reader_leaves
        producer_returned
        reader_loop_leaves
        readers_leave_at_value
        reply_channel
        send_before_reader
        slot_kept
        timeout_beside_receive
        wait_before_receive
    }
    http_without_context {
        background_without_deadline
        body_that_stalls
        client_from_helper
        constructor_client
        default_client_do
        get_in_goroutine
        head_in_loop
        postform_webhook
        request_without_context
    }
    ignored_context {
        background_beside_context
        command_without_context
        derived_and_forgotten
        fire_and_forget_handler
        parent_does_not_wait
        poll_until_ready
        retry_with_backoff
        slot_without_context
        stale_while_revalidate
        timeout_not_given
    }
    lost_cancel {
        caller_forgets_stop
        dropped_in_service
        early_return
        field_nobody_calls
        loop_continues
    }
    stuck_connection {
        accept_loop
        coder_read_background
        dialled_never_closed
        framed_read_full
        hijacked
        pinger_outlives_handler
        proxy_one_way
        read_pump_stays
        udp_stop_flag
        unsubscribe_keeps_socket
        websocket_reader
    }
    stuck_lock {
        break_out_of_loop
        continue_in_loop
        deferred_helper
        early_return
        opposite_orders
        self_call
        send_under_lock
        upgrade
        wait_under_lock
    }
    unclosed_body {
        caller_keeps_body
        retry_keeps_body
        rows_left_in_loop
        status_returns_early
    }
    unclosed_pipe {
        compressor_closed_alone
        digest_beside
        export_stops_early
        request_not_made
        search_finds_early
    }
    undrained_timer {
        batch_loop
        read_then_stop
        stopped_callback
    }
    unfinished_wait {
        closed_not_woken
        done_skipped
        field_done_skipped
        items_not_started
        nobody_signals
        waits_for_itself
    }
    unguarded_loop {
        background_context
        break_in_select
        debug_server
        done_goes_round
        done_nobody_closes
        errgroup_loop
        event_dispatcher
        health_poller
        leak_monitor
        loop_per_request
        method_value_wrapper
        nil_quit_channel
        promoted_method
        range_after_stop
        time_tick_canary
        waitgroup_go_helper
    }
    unreleased_listener {
        admin_forgotten
        not_ready
        second_port_taken
        signal_for_each_job
    }
    unstopped_ticker {
        after_in_loop
        debounce_on_close
        error_return_skips_stop
        loop_leaves_ticker
        poll_until_done
        replaced_on_change
        tick_in_function
        ticker_in_struct
        ticker_per_request
        timer_per_lookup
        watchdog_still_fires
    }
    unstopped_workers {
        close_on_one_way_out
        close_sets_a_flag
        close_skipped_on_error
        errgroup_early_error
        jobs_from_outside
        local_jobs_not_closed
        owner_close_forgets
        pool_per_request
        receive_in_a_loop
        shutdown_not_called
        start_without_stop
    }
}
