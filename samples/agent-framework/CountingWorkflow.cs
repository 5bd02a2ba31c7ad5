using Microsoft.Agents.AI.Workflows;

namespace AgentFrameworkSample;

/// <summary>A workflow of two executors that hand a number to one another, one more each time, and keep the sum of those that they have seen.</summary>
internal static class CountingWorkflow
{
    /// <param name="each">Is told each number before it is handled.</param>
    public static Workflow Create(Func<int, Task>? each = null)
    {
        var (odd, even) = (new Stage("odd", each), new Stage("even", each));
        return new WorkflowBuilder(odd).AddEdge(odd, even).AddEdge(even, odd).WithOutputFrom(odd, even).Build();
    }

    /// <param name="Number">Which step it is, from 1.</param>
    /// <param name="Last">The last one.</param>
    /// <param name="Sum">The sum that the other executor has.</param>
    internal sealed record Step(int Number, int Last, int Sum = 0);

    [SendsMessage(typeof(Step))]
    [YieldsOutput(typeof(string))]
    private sealed class Stage(string id, Func<int, Task>? each) : Executor<Step>(id)
    {
        private const string Key = "sum";

        private int _sum;

        public override async ValueTask HandleAsync(Step message, IWorkflowContext context, CancellationToken cancellationToken = default)
        {
            await (each?.Invoke(message.Number) ?? Task.CompletedTask);
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
