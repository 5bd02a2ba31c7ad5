using System.Text.Json;
using AgentFrameworkSample;
using Forge.AgentFramework;
using Forge.AgentFramework.AgentSessions;
using Forge.AgentFramework.ChatHistory;
using Forge.AgentFramework.Workflows;
using Forge.Client;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// Workflows and an agent of Microsoft Agent Framework that keep what they know in Forge. Kill it whenever you like, and start it again with
// the same words: it goes on.
const string Usage = """
    Usage: agent-framework STORE VERB …, with the STORE a silo's gateway (127.0.0.1:30000), files:FOLDER for the framework's own store, or
    locked-files:FOLDER for that one behind a lock
      count SESSION STEPS [off-thread]   a workflow of that many supersteps
      many SESSIONS STEPS                so many of them at once, on one store
      approve SESSION [yes|no]           a workflow that asks a person, and goes on with the answer
      fan-out SESSION TEXT               a workflow that counts letters, each word by an executor of its own
      chat USER SESSION MESSAGE          a turn of an agent whose session and messages are kept
    """;
const string Files = "files:";
const string LockedFiles = "locked-files:";

if (args.Length < 3)
{
    await Console.Error.WriteLineAsync(Usage);
    return 2;
}

if (args[0].StartsWith(Files, StringComparison.Ordinal))
{
    using var files = new FileSystemJsonCheckpointStore(new DirectoryInfo(args[0][Files.Length..]));
    return await RunWorkflowAsync(new WorkflowRuns(files, JsonSerializerOptions.Default), args[1..]);
}

if (args[0].StartsWith(LockedFiles, StringComparison.Ordinal))
{
    using var files = new FileSystemJsonCheckpointStore(new DirectoryInfo(args[0][LockedFiles.Length..]));
    using var locked = new LockedStore(files);
    return await RunWorkflowAsync(new WorkflowRuns(locked, JsonSerializerOptions.Default), args[1..]);
}

var builder = Host.CreateEmptyApplicationBuilder(null);
builder.AddForgeClient(options => options.Gateways.Add(args[0]));
builder.AddForgeCheckpointStore();
builder.AddForgeSessionStore();
builder.AddForgeChatHistory(options => options.MaxMessages = 50);
using var host = builder.Build();
await host.StartAsync();
var result = args[1] == "chat" && args.Length == 5
    ? await Chat.SayAsync(
        host.Services.GetRequiredService<ForgeSessionStore>(), host.Services.GetRequiredService<ForgeChatHistoryProvider>(), args[2], args[3], args[4])
    : await RunWorkflowAsync(new WorkflowRuns(host.Services.GetRequiredService<ForgeCheckpointStore>(), JsonSerializerOptions.Default), args[1..]);
await host.StopAsync();
return result;

static async Task<int> RunWorkflowAsync(WorkflowRuns runs, string[] words)
{
    switch (words)
    {
        case ["count", var session, var steps, .. var mode]:
            return await Counting.RunAsync(runs, session, int.Parse(steps), mode is ["off-thread"]) ? 0 : 1;
        case ["many", var sessions, var steps]:
            // Half of them off the thread that watches, half on it.
            var each = Enumerable.Range(1, int.Parse(sessions)).Select(i => Counting.RunAsync(runs, $"many-{i}", int.Parse(steps), i % 2 == 0));
            return (await Task.WhenAll(each)).All(isDone => isDone) ? 0 : 1;
        case ["approve", var session, .. var answer]:
            return await Approval.RunAsync(runs, session, answer is [var given] ? given == "yes" : null) ? 0 : 1;
        case ["fan-out", var session, var text]:
            return await FanOut.RunAsync(runs, session, text) ? 0 : 1;
        default:
            await Console.Error.WriteLineAsync(Usage);
            return 2;
    }
}
