using Microsoft.Agents.AI.Workflows;

namespace AgentFrameworkSample;

/// <summary>Two executors that hand a number to one another, one more each time, and keep the sum of those that they have seen.</summary>
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

        var (odd, even) = (new Stage("odd"), new Stage("even"));
        var workflow = new WorkflowBuilder(odd).AddEdge(odd, even).AddEdge(even, odd).WithOutputFrom(odd, even).Build();
        return await runs.RunAsync(workflow, new Step(1, steps, 0), session, offThread);
    }

    /// <param name="Number">Which step it is, from 1.</param>
    /// <param name="Last">The last one.</param>
    /// <param name="Sum">The sum that the other executor has.</param>
    internal sealed record Step(int Number, int Last, int Sum);

    [SendsMessage(typeof(Step))]
    [YieldsOutput(typeof(string))]
    private sealed class Stage(string id) : Executor<Step>(id)
    {
        private const string Key = "sum";

        private int _sum;

        public override async ValueTask HandleAsync(Step message, IWorkflowContext context, CancellationToken cancellationToken = default)
        {
            _sum += message.Number;
            if (message.Number == message.Last)
            {
                await context.YieldOutputAsync($"{message.Sum + _sum}", cancellationToken);
            }
            else
            {
                await context.SendMessageAsync(message with { Number = message.Number + 1, Sum = _sum }, cancellationToken: cancellationToken);
            }
        }

        protected override ValueTask OnCheckpointingAsync(IWorkflowContext context, CancellationToken cancellationToken = default) =>
            context.QueueStateUpdateAsync(Key, _sum, cancellationToken: cancellationToken);

        protected override async ValueTask OnCheckpointRestoredAsync(IWorkflowContext context, CancellationToken cancellationToken = default) =>
            _sum = await context.ReadStateAsync<int>(Key, cancellationToken: cancellationToken);
    }
}
