;;; emacs.el --- The language server in a real Emacs  -*- lexical-binding: t -*-

;;; Commentary:
;; Visits a leaking file in the folder LEAK_DIR with the set-up that the page in editors/emacs gives (README.md) for the client CLIENT, eglot
;; or lsp-mode, waits for the diagnostic, applies the first code action, and waits until the diagnostic is gone. Exits with 0 if so.

;;; Code:
(require 'cl-lib)
(require 'package)
(package-initialize)

(defvar leak-client (getenv "CLIENT"))

(defun leak-fail (text)
  "Say TEXT and give up."
  (message "emacs: %s" text)
  (kill-emacs 1))

(defun leak-until (what test)
  "Wait until TEST says so; WHAT is to be said where it never does."
  (let ((end (+ (float-time) 30)))
    (while (not (funcall test))
      (when (> (float-time) end) (leak-fail what))
      (accept-process-output nil 0.05))))

(defun leak-set-up ()
  "Evaluate the block of the page that speaks of the client."
  (with-temp-buffer
    (insert-file-contents (getenv "PAGE"))
    (unless (re-search-forward (format "```elisp\n(with-eval-after-load '%s" leak-client) nil t)
      (leak-fail "the page has no such block"))
    (goto-char (match-beginning 0))
    (forward-line 1)
    (eval (read (current-buffer)) t)))

;; Emacs comes with no go-mode, and with go-ts-mode only where its grammar is. The name is what counts here.
(unless (require 'go-mode nil t)
  (define-derived-mode go-mode prog-mode "Go")
  (add-to-list 'auto-mode-alist '("\\.go\\'" . go-mode)))

(defun leak-connect ()
  "Start the client as a user would."
  (cond ((equal leak-client "eglot") (call-interactively #'eglot))
        (t
         (setq lsp-auto-guess-root t lsp-diagnostics-provider :flymake lsp-enable-snippet nil
               lsp-enable-file-watchers nil)
           (lsp)))
  ;; There are no commands here, after one of which it would begin by itself.
  (leak-until "flymake does not start" (lambda () (bound-and-true-p flymake-mode)))
  (flymake-start))

(defun leak-mend (at)
  "Pick the first action that is offered at AT."
  (goto-char at)
  (let ((last-nonmenu-event ?\r))
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_ items &rest _)
                 (let ((first (car (all-completions "" items))))
                   (message "%s" first)
                   first))))
      (if (equal leak-client "eglot")
          (eglot-code-actions at nil nil t)
        (call-interactively #'lsp-execute-code-action)))))

(leak-set-up)
(unless (require (intern leak-client) nil t)
  (message "skipped: this Emacs has no %s" leak-client)
  (kill-emacs 0))
(message "Emacs %s, %s %s" emacs-version leak-client
         (let ((there (cadr (assq (intern leak-client) package-alist))))
           (if there (package-version-join (package-desc-version there)) "(its own)")))
(find-file (expand-file-name "leak.go" (getenv "LEAK_DIR")))
(leak-connect)
(leak-until "no diagnostic came" #'flymake-diagnostics)
(let ((found (car (flymake-diagnostics))))
  (message "%d: %s" (line-number-at-pos (flymake-diagnostic-beg found)) (flymake-diagnostic-text found))
  (leak-mend (flymake-diagnostic-beg found)))
;; Changes are sent when the user rests, which nobody does here, or before the buffer is saved.
(save-buffer)
(leak-until "the diagnostic stays" (lambda () (not (flymake-diagnostics))))
(message "gone")
(kill-emacs 0)
;;; emacs.el ends here
