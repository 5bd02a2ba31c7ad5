using Microsoft.Agents.AI.Workflows;

namespace AgentFrameworkSample;

/// <summary>A workflow that hands a text to an executor for each of its words, which count letters beside one another, and adds up what they answer.</summary>
internal static class FanOut
{
    /// <summary>Runs it to its end, or on to it; false if it failed.</summary>
    public static Task<bool> RunAsync(WorkflowRuns runs, string session, string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (begin, sum) = (new Begin(), new Sum(words.Length));
        ExecutorBinding[] counters = [.. words.Select((word, i) => (ExecutorBinding)new Counter(i))];
        var workflow = new WorkflowBuilder(begin).AddFanOutEdge(begin, counters).AddFanInBarrierEdge(counters, sum).WithOutputFrom(sum).Build();
        return runs.RunAsync(workflow, text, session);
    }

    /// <param name="Words">The words, each of which is one executor's.</param>
    internal sealed record Text(string[] Words);

    /// <param name="Word">The word.</param>
    /// <param name="Letters">How many it has.</param>
    internal sealed record Counted(string Word, int Letters);

    [SendsMessage(typeof(Text))]
    private sealed class Begin() : Executor<string>("begin")
    {
        public override ValueTask HandleAsync(string message, IWorkflowContext context, CancellationToken cancellationToken = default) =>
            context.SendMessageAsync(new Text(message.Split(' ', StringSplitOptions.RemoveEmptyEntries)), cancellationToken: cancellationToken);
    }

    [SendsMessage(typeof(Counted))]
    private sealed class Counter(int place) : Executor<Text>($"counter-{place}")
    {
        public override ValueTask HandleAsync(Text message, IWorkflowContext context, CancellationToken cancellationToken = default) =>
            context.SendMessageAsync(new Counted(message.Words[place], message.Words[place].Count(char.IsLetter)), cancellationToken: cancellationToken);
    }

    [YieldsOutput(typeof(string))]
    private sealed class Sum(int words) : Executor<Counted>("sum")
    {
        private const string Key = "counted";

        private List<int> _letters = [];

        public override async ValueTask HandleAsync(Counted message, IWorkflowContext context, CancellationToken cancellationToken = default)
        {
            _letters.Add(message.Letters);
            if (_letters.Count == words)
            {
                await context.YieldOutputAsync($"{_letters.Sum()} letters in {words} words", cancellationToken);
            }
        }

        protected override ValueTask OnCheckpointingAsync(IWorkflowContext context, CancellationToken cancellationToken = default) =>
            context.QueueStateUpdateAsync(Key, _letters, cancellationToken: cancellationToken);

        protected override async ValueTask OnCheckpointRestoredAsync(IWorkflowContext context, CancellationToken cancellationToken = default) =>
            _letters = await context.ReadStateAsync<List<int>>(Key, cancellationToken: cancellationToken) ?? [];
    }
}
