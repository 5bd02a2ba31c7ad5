using System.Collections.Concurrent;
using CsCheck;
using Forge.Grains.Sessions;
using Forge.History.Changes;

namespace Forge.Grains.Tests.Engine;

public sealed class SessionEngineTests
{
    /// <summary>Every operation, every verdict, and every outcome of a commit.</summary>
    private static readonly string[] Wanted =
    [
        "create", "batch", "plain create", "automatic create", "automatic create after the clock was set back",
        "automatic create after the clock was set back a little", "create with an expected head", "create with the latest as parent",
        "create with a named parent", "create of a root", "create with the current one as parent", "create with a parent in its batch",
        "create that requires others", "create that requires one in its batch", "requirement that is going", "CheckpointRequiredException",
        "delete of what is about to be required", "delete of what is required since", "delete of what is required by one that is going",
        "plan that keeps what is required alone",
        "create on a branch", "restore on a branch", "delete of what is current on another branch", "delete of the last one of a branch",
        "restore", "restore that saves", "restore of the current one", "delete", "delete of the head",
        "delete of the current one", "delete of the current one that leaves none", "delete of the current one whose parent went",
        "ancestor that is going", "ancestor that went", "delete of the last one", "annotate", "set tags", "tags that were set since",
        "write", "write of several", "write that is kept", "write that replaces", "write that is kept alone", "write that is kept and remembered",
        "write beyond the limit", "write that may yet be within the limit", "write under a checkpoint that goes with it", "create with writes",
        "claim", "claim of a new session", "claim that takes over", "claim of a session whose lease ran out", "renewal", "release",
        "change that a claim may yet refuse", "SessionClaimedException", "ClaimSupersededException",
        "effect begun", "effect begun again", "effect that is not to be begun", "effect settled", "effect settled late", "evidence kept",
        "evidence that takes a verdict back", "effect resolved", "effect renewed", "effects removed", "effect that is changing",
        "effect that changed since", "EffectConflictException",
        "due Scheduled", "due ToolCall", "due Error", "due state told", "due state told to nobody", "due state told to one who came late",
        "due state missed", "due state missed that nobody was told of",
        "shown without a read", "nothing shown without a read", "list without a read", "no list without a read", "kept to be shown", "not kept to be shown",
        "clear", "revive", "remember a deletion", "set settings", "plan", "plan that takes nothing", "compact",
        "import into a new session", "import into one that is there", "fork", "fork with history", "expire", "delete the session",
        "Accepted", "NotTaken", "Wait", "Reread", "head that has to be read", "head that is going", "head that went", "overtaken", "repeat of a pending request", "parent that is going",
        "HeadMismatchException", "SessionExistsException", "OverLimitException", "BranchNotFoundException", "CheckpointNotFoundException", "ImportRejectedException", "SessionDeletedException",
        "Committed", "Conflict", "Locked", "Duplicate", "Refused", "Unavailable", "Unknown", "Unknown, and written",
        "Committed with changes behind it", "Conflict with changes behind it", "Locked with changes behind it",
        "Duplicate with changes behind it", "Refused with changes behind it", "Unavailable with changes behind it",
        "Unknown with changes behind it",
    ];

    [Fact]
    public void Engine_AnyCommandsAndOutcomes_AgreesWithTheModel()
    {
        var (commits, seen) = (0, new ConcurrentDictionary<string, int>());
        // CsCheck prints the seed of a failing case.
        Gen.Int.Sample(
            seed =>
            {
                var model = new SessionEngineModel(seed, seen);
                model.Run(200);
                Interlocked.Add(ref commits, model.Commits);
            },
            iter: 4000);
        Assert.True(commits > 10_000, $"only {commits} commits were made");
        Assert.All(Wanted, what => Assert.True(
            seen.GetValueOrDefault(what) >= 5, $"'{what}' was seen {seen.GetValueOrDefault(what)} times"));
    }

    [Fact]
    public void SetSettings_RequestThatIsPending_IsWaitedFor()
    {
        var engine = new SessionEngine(ModelWorld.Address, null, ModelWorld.RequestWindow, ModelWorld.MostBranches);
        var request = new RememberedRequest(Guid.NewGuid(), DateTimeOffset.UnixEpoch, "SetSettings", "{}");
        var first = engine.SetSettings("{}", DateTimeOffset.UnixEpoch, request);
        var second = engine.SetSettings("{}", DateTimeOffset.UnixEpoch, request);
        Assert.Equal((Verdict.Accepted, Verdict.Wait), (first.Verdict, second.Verdict));
        Assert.Same(first.Change, second.Change);
    }
}
