using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Compaction;

internal sealed class CompactSessionHandler : OperationHandler<CompactSession, CompactResult>
{
    /// <summary>Compacts, and tells the whole plan that took effect; of a repeat it knows the counts alone.</summary>
    /// <param name="session">The session.</param>
    /// <param name="given">What a caller gave.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="policyOf">
    /// The policy as it is once nothing else can change it, null to remove nothing; null itself for what was given, or else the
    /// one that is in force.
    /// </param>
    public static Task<SessionEngine.CompactionPlan> CompactAsync(
        LiveSession session, CompactSession given, Authority authority, Func<Task<RetentionPolicy?>>? policyOf = null)
    {
        var request = given.DryRun ? default : given.Request;
        var (change, overLimit) = session.Services.Rules.Check(
            request.MayBeRepeat, rules => given.Policy is { } policy ? given with { Policy = rules.CheckPolicy(policy) } : given);
        return ChangeRunner.RunAsync(
            session,
            exclusive: true,
            RequestMemory.Of(session.Address, change, request),
            memory => Task.FromResult(new Recalled<SessionEngine.CompactionPlan>(
                true, new SessionEngine.CompactionPlan(memory.Answer<CompactResult>(), [], [], 0))),
            memory => overLimit is null ? DecideAsync(session, change, authority, policyOf, memory) : throw overLimit,
            authority);
    }

    protected override async Task<CompactResult> RunAsync(
        LiveSession session, CompactSession operation, CancellationToken cancellationToken) =>
        // What would go may be asked by anybody: it is a read.
        (await CompactAsync(session, operation, operation.DryRun ? Authority.AboveClaims : new Authority(operation.Epoch))).Result;

    private static async Task<Step<SessionEngine.CompactionPlan>> DecideAsync(
        LiveSession session, CompactSession change, Authority authority, Func<Task<RetentionPolicy?>>? policyOf, RequestMemory memory)
    {
        var policy = policyOf is null ? change.Policy ?? await RequirePolicyAsync(session) : await policyOf();
        var (now, engine) = (session.Now, session.Engine);
        if (policy is null)
        {
            return Step<SessionEngine.CompactionPlan>.Nothing(new(new CompactResult(0, engine.Committed?.Head.Count ?? 0, 0), [], [], 0));
        }

        var (planned, notYet) = await PlanAsync(session, policy, session.Services.Clock.Now);
        if (planned is not { } plan)
        {
            return new(notYet);
        }

        var nothingToDo = plan.Result.Deleted == 0 && (!memory.IsWanted || engine.Committed is null);
        if (change.DryRun || nothingToDo)
        {
            return Step<SessionEngine.CompactionPlan>.Nothing(plan, engine.NewestPending);
        }

        session.Services.Budget.RequireRoom(plan.Weight);
        var answered = plan;
        var decision = engine.Compact(plan, now, session.WorkTime, made =>
        {
            answered = plan with { Result = made };
            return memory.Remember(now, made);
        }, authority);
        return new(decision, () => answered);
    }

    private static async Task<RetentionPolicy> RequirePolicyAsync(LiveSession session)
    {
        var head = await session.ReadHeadAsync();
        return session.Services.Rules.CheckPolicy((await session.Retention.ReadFreshAsync(head?.Head.Settings)).Policy
            ?? throw new InvalidRequestException("policy", "must be given: neither the session nor its tenant nor the silo has one"));
    }

    /// <summary>The plan, or if there can be none yet, what has to be waited for.</summary>
    private static async Task<(SessionEngine.CompactionPlan? Plan, Decision NotYet)> PlanAsync(
        LiveSession session, RetentionPolicy policy, DateTimeOffset now)
    {
        session.Engine.BeginSurvey();
        try
        {
            var known = session.Engine.CommittedVersion;
            var survey = await session.Reads.SurveyAsync(session.Address, policy, now, CancellationToken.None);
            session.RequireNotOvertaken(survey.Version, known);
            return session.Engine.PlanCompaction(survey, policy, now) is { } plan ? (plan, default)
                : session.Engine.PendingRequirementOf(survey.Value) is { } pending ? (null, Decision.WaitFor(pending))
                : (null, new Decision(Verdict.Reread));
        }
        finally
        {
            session.Engine.EndSurvey();
        }
    }
}
