using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace AgentFrameworkSample;

/// <summary>Begins workflows, or goes on with them from their newest checkpoint.</summary>
/// <param name="store">Where the checkpoints are kept.</param>
/// <param name="json">How messages of the workflows' own types are written.</param>
internal sealed class WorkflowRuns(JsonCheckpointStore store, JsonSerializerOptions json)
{
    private readonly CheckpointManager _manager = CheckpointManager.CreateJson(store, json);

    /// <summary>How many checkpoints a session has.</summary>
    public async Task<int> CountAsync(string session) => (await store.RetrieveIndexAsync(session)).Count();

    /// <summary>Runs a workflow until it is done, has a question or fails.</summary>
    /// <param name="workflow">The workflow, a new one for each run.</param>
    /// <param name="input">What it begins with, if it has not begun.</param>
    /// <param name="session">Its session.</param>
    /// <param name="offThread">True to run it off the thread that watches it.</param>
    /// <param name="answer">Answers a question; null to leave it, for another run.</param>
    /// <returns>True unless it failed.</returns>
    public async Task<bool> RunAsync<TInput>(
        Workflow workflow, TInput input, string session, bool offThread = false, Func<ExternalRequest, ExternalResponse?>? answer = null)
        where TInput : notnull
    {
        var environment = (offThread ? InProcessExecution.OffThread : InProcessExecution.Lockstep).WithCheckpointing(_manager);
        var newest = await _manager.GetLatestCheckpointAsync(session);
        await using var run = newest is null
            ? await environment.RunStreamingAsync(workflow, input, session)
            : await environment.ResumeStreamingAsync(workflow, newest);
        await foreach (var happened in run.WatchStreamAsync(blockOnPendingRequest: answer is not null))
        {
            switch (happened)
            {
                case SuperStepCompletedEvent { CompletionInfo.Checkpoint: { } saved }:
                    await Console.Out.WriteLineAsync($"saved {session} {saved.CheckpointId}");
                    break;
                case RequestInfoEvent asked when answer?.Invoke(asked.Request) is { } response:
                    await run.SendResponseAsync(response);
                    break;
                case RequestInfoEvent asked:
                    await Console.Out.WriteLineAsync($"asks {session} {asked.Request.Data.As<string>()}");
                    break;
                case WorkflowOutputEvent output:
                    await Console.Out.WriteLineAsync($"done {session} {output.Data}");
                    break;
                case WorkflowErrorEvent failed:
                    // What was not saved must not go on: run in lockstep the framework would go on by itself.
                    await Console.Out.WriteLineAsync($"failed {session} {failed.Exception}");
                    await run.CancelRunAsync();
                    return false;
            }
        }

        return true;
    }
}
