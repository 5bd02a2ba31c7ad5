namespace AgentFrameworkSample;

/// <summary>Counts in a workflow, which keeps a checkpoint of each number.</summary>
internal static class Counting
{
    /// <summary>Runs it to its end, or on to it; false if it failed.</summary>
    public static async Task<bool> RunAsync(WorkflowRuns runs, string session, int steps, bool offThread)
    {
        if (await runs.CountAsync(session) >= steps)
        {
            await Console.Out.WriteLineAsync($"done {session} before");
            return true;
        }

        return await runs.RunAsync(CountingWorkflow.Create(), new CountingWorkflow.Step(1, steps), session, offThread);
    }
}
