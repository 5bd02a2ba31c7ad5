using Microsoft.Agents.AI.Workflows;

namespace AgentFrameworkSample;

/// <summary>A workflow with a person in it: it asks, ends, and goes on when there is an answer, in this process or another.</summary>
internal static class Approval
{
    /// <summary>Runs it to the question, or with an answer to its end; false if it failed.</summary>
    public static Task<bool> RunAsync(WorkflowRuns runs, string session, bool? answer)
    {
        var (order, approval, ship) = (new Order(), RequestPort.Create<string, bool>("approval"), new Ship());
        var workflow = new WorkflowBuilder(order).AddEdge(order, approval).AddEdge(approval, ship).WithOutputFrom(ship).Build();
        return runs.RunAsync(
            workflow, "a house", session, answer: answer is { } given ? request => request.CreateResponse(given) : null);
    }

    [SendsMessage(typeof(string))]
    private sealed class Order() : Executor<string>("order")
    {
        public override ValueTask HandleAsync(string message, IWorkflowContext context, CancellationToken cancellationToken = default) =>
            context.SendMessageAsync($"Shall {message} be bought?", cancellationToken: cancellationToken);
    }

    [YieldsOutput(typeof(string))]
    private sealed class Ship() : Executor<bool>("ship")
    {
        public override ValueTask HandleAsync(bool message, IWorkflowContext context, CancellationToken cancellationToken = default) =>
            context.YieldOutputAsync(message ? "bought" : "left", cancellationToken);
    }
}
