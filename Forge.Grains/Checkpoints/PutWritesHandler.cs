using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;

namespace Forge.Grains.Checkpoints;

internal sealed class PutWritesHandler : ChangeHandler<PutWrites, WritesResult>
{
    protected override long WeightOf(PutWrites change) => WriteRules.WeightOf(change.Writes);

    protected override PutWrites Check(SessionRules rules, PutWrites change) =>
        change with { Writes = WriteRules.Require(change.Writes, rules.Limits) };

    protected override Task<Recalled<WritesResult>> RecallAsync(LiveSession session, PutWrites change, RequestMemory memory)
    {
        var made = memory.Answer<Remembered>();
        return Task.FromResult(new Recalled<WritesResult>(
            true, new WritesResult(made.Checkpoint, WriteOutcomes.Read(made.Outcomes), made.Position, made.Chain)));
    }

    protected override async Task<Step<WritesResult>> DecideAsync(LiveSession session, PutWrites change, RequestMemory memory)
    {
        var writes = WriteRules.Commands(change.Writes);
        var target = await session.RequireRowAsync(change.Checkpoint);
        var (now, limit) = (session.Now, session.Services.Limits.Writes);
        Decision decision;
        WritesResult? result;
        try
        {
            decision = session.Engine.Write(
                target, writes, now, limit, made => memory.Remember(now, Remembered.Of(made)), AuthorityOf(change), out result);
        }
        catch (OverLimitException)
        {
            // It rests on what this activation knows of the session.
            await session.RequireCurrentAsync();
            throw;
        }

        if (decision.Verdict == Verdict.NotTaken)
        {
            await session.RequireCurrentAsync();
        }

        return new(decision, () => result!);
    }

    /// <summary>What is remembered of the answer.</summary>
    private sealed record Remembered(CheckpointPointer Checkpoint, string Outcomes, long? Position, string? Chain)
    {
        public static Remembered Of(WritesResult result) =>
            new(result.Checkpoint, WriteOutcomes.Tell(result.Outcomes), result.Position, result.Chain);
    }
}
