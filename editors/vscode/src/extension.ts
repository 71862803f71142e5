// Starts `goleash lsp` and hands it to VS Code's own client. All that is shown comes from there.

import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("goleash");
  const command = settings.get<string>("path") || "goleash";
  const level = settings.get<string | null>("level") ?? undefined;
  client = new LanguageClient(
    "goleash",
    "goleash",
    { command, args: ["lsp"] },
    {
      documentSelector: [{ scheme: "file", language: "go" }],
      initializationOptions: { level },
    },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    void vscode.window.showErrorMessage(`goleash cannot be started as "${command}": ${String(error)}. The setting goleash.path says where it is.`);
  }
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("goleash.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("goleash")) {
        await restart();
      }
    }),
  );
  await start();
}

export function deactivate(): Promise<void> {
  return stop();
}
