using AgentLoop;
using Forge.Client;
using Forge.Client.Effects;
using Forge.Client.Loops;
using Forge.Effects;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// An agent with two tools: it writes notes into a file, and orders in a shop. Kill it whenever you like and start it again.
// Usage: agent-loop GATEWAY SESSION FOLDER [ORDERS]
if (args.Length < 3)
{
    await Console.Error.WriteLineAsync("Usage: agent-loop GATEWAY SESSION FOLDER [ORDERS]");
    return 2;
}

var (gateway, name, folder, orders) = (args[0], args[1], args[2], args.Length > 3 ? int.Parse(args[3]) : 10);
var builder = Host.CreateEmptyApplicationBuilder(null);
builder.AddForgeClient(options => options.Gateways.Add(gateway));
using var host = builder.Build();
await host.StartAsync();
var session = host.Services.GetRequiredService<IForgeClient>().Session(name);
var time = TimeProvider.System;
var shop = new Shop(folder, time);

var result = await session.RunAsync<Plan>(
    async (step, plan) =>
    {
        var item = $"item-{plan.Ordered.Count + plan.Unknown.Count + 1}";
        try
        {
            // To write a file whole is the same however often it is done.
            await step.OnceAsync(
                $"note-{item}",
                item,
                async _ =>
                {
                    await File.WriteAllTextAsync(Path.Combine(folder, $"{item}.txt"), $"To order: {item}");
                    return true;
                },
                new OnceOptions { Class = EffectClass.Idempotent, Lease = TimeSpan.FromSeconds(3), RetryFailed = true });

            // To order is not: if it is not known whether it was done, it is not done again.
            await step.OnceAsync(
                $"order-{item}",
                item,
                run => shop.OrderAsync(item, run.TargetKey, run.Lost),
                new OnceOptions { Lease = TimeSpan.FromSeconds(3), RetryFailed = true });
            plan = plan with { Ordered = [.. plan.Ordered, item] };
        }
        catch (EffectBlockedException blocked) when (blocked.Status == EffectStatus.Running)
        {
            // The one before was killed in the midst of it, and its lease is not over yet.
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, step.Cancel);
            return step.Next(plan);
        }
        catch (OperationCanceledException) when (!step.Cancel.IsCancellationRequested)
        {
            // The lease was lost, as on a machine that stood still. How the act ended is asked again.
            return step.Next(plan);
        }
        catch (EffectBlockedException blocked) when (blocked.Status == EffectStatus.Unknown)
        {
            await Console.Out.WriteLineAsync($"unknown {blocked.Effect.Summary.Key}");
            plan = plan with { Unknown = [.. plan.Unknown, item] };
        }

        return plan.Ordered.Count + plan.Unknown.Count == orders ? step.Finish(plan) : step.Next(plan);
    },
    new LoopOptions<Plan> { Start = () => new Plan([], []) });

await Console.Out.WriteLineAsync($"finished after {result.Steps} steps: {result.State.Ordered.Count} ordered, {result.State.Unknown.Count} unknown");
await host.StopAsync();
return 0;

/// <summary>What the agent knows.</summary>
/// <param name="Ordered">What was ordered.</param>
/// <param name="Unknown">What may have been ordered.</param>
internal sealed record Plan(IReadOnlyList<string> Ordered, IReadOnlyList<string> Unknown);
