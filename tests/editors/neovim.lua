-- Opens a leaking file in the folder LEAK_DIR, waits for the diagnostic of the language server GOLEASH, applies the code action that
-- mends it, and waits until the diagnostic is gone. Exits with 0 if all of that came to pass.
local dir, binary = os.getenv("LEAK_DIR"), os.getenv("GOLEASH")

local function fail(text)
  io.stderr:write("neovim: " .. text .. "\n")
  vim.cmd("cquit 1")
end

local function ends(seconds, what, test)
  if not vim.wait(seconds * 1000, test, 20) then fail(what) end
end

vim.cmd("edit " .. vim.fn.fnameescape(dir .. "/leak.go"))
local buffer = vim.api.nvim_get_current_buf()
local client = vim.lsp.start_client({ name = "goleash", cmd = { binary, "lsp" }, root_dir = dir })
if not client then fail("the server does not start") end
vim.lsp.buf_attach_client(buffer, client)

ends(20, "no diagnostic came", function() return #vim.diagnostic.get(buffer) == 1 end)
local found = vim.diagnostic.get(buffer)[1]
print(("%d:%d %s"):format(found.lnum + 1, found.col + 1, found.message))

local at = { line = found.lnum, character = found.col }
local params = {
  textDocument = vim.lsp.util.make_text_document_params(buffer),
  range = { start = at, ["end"] = at },
  context = { diagnostics = {} },
}
local answers = vim.lsp.buf_request_sync(buffer, "textDocument/codeAction", params, 5000) or {}
local action = answers[client] and answers[client].result and answers[client].result[1]
if not action then fail("no code action is offered") end
print(action.title)
vim.lsp.util.apply_workspace_edit(action.edit, vim.lsp.get_client_by_id(client).offset_encoding)

ends(20, "the diagnostic stays", function() return #vim.diagnostic.get(buffer) == 0 end)
print("gone")
vim.lsp.stop_client(client)
ends(10, "the server does not end", function() return vim.lsp.get_client_by_id(client) == nil end)
vim.cmd("qall!")
