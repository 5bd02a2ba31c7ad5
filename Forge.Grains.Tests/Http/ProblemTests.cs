using Forge.Effects;
using Forge.Errors;
using Forge.Identity;
using Forge.Silo.Http;
using Xunit;

namespace Forge.Grains.Tests.Http;

public sealed class ProblemTests
{
    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("s"));

    public static TheoryData<Exception, int, string> Errors => new()
    {
        { new InvalidRequestException("f", "is bad"), 400, "invalid_request" },
        { new OverLimitException("f", 1, 2, "bytes"), 413, "limit_exceeded" },
        { new CheckpointNotFoundException(Address, "7"), 404, "checkpoint_not_found" },
        { new SessionNotFoundException(Address), 404, "session_not_found" },
        { new BranchNotFoundException(Address, "b"), 404, "branch_not_found" },
        { new SessionClaimedException(Address, 2, "worker", null), 409, "claimed" },
        { new HistoryRewrittenException(Address, 7, "the log ends at 3"), 409, "history_rewritten" },
        { new ClaimSupersededException(Address, 1, 2, "worker", null), 409, "superseded" },
        { new SessionDeletedException(Address), 410, "session_deleted" },
        { new LogPositionExpiredException(Address, 1, 2), 410, "position_expired" },
        { new FeedExpiredException(TenantId.Default), 410, "feed_expired" },
        { new FeedLostException(TenantId.Default, "is gone"), 410, "feed_lost" },
        { new SessionExistsException(Address), 409, "session_exists" },
        { new HeadMismatchException(Address, 1, 2), 409, "head_mismatch" },
        { new BaseUnknownException(Address, 1, "is not there"), 409, "base_unknown" },
        { new StateMismatchException(Address, "a", "b"), 422, "state_mismatch" },
        { new CheckpointRequiredException(Address, 1, [2, 3], 2), 409, "required" },
        { new RequestConflictException(Address, Guid.NewGuid(), "state"), 409, "request_conflict" },
        { new ImportRejectedException(3, "is broken"), 422, "import_rejected" },
        { new StateCorruptedException(Address, 1, new CheckpointId(Guid.NewGuid()), "differs"), 500, "state_corrupted" },
        { new EffectNotFoundException(Address, "k"), 404, "effect_not_found" },
        { new EffectConflictException(Address, "k", "request"), 409, "effect_conflict" },
        { new EffectSupersededException(Address, "k", 1, 2, EffectStatus.Running), 409, "effect_superseded" },
        { new EffectSettledException(Address, "k", 1, EffectStatus.Completed), 409, "effect_settled" },
        { new EffectsAfterException(Address, EffectsAfter.None), 409, "effects_after" },
        { new EffectDamagedException(Address, "k", "differs"), 500, "effect_damaged" },
        { new KeyMissingException(TenantId.Default, 1, false, "is not there"), 409, "key_missing" },
        { new BusyException("writer queue", "is full"), 429, "busy" },
        { new QuotaExceededException("sessions", 1, 1), 429, "quota_exceeded" },
        { new UnavailableException("down"), 503, "unavailable" },
        { new OutcomeUnknownException(Address), 503, "outcome_unknown" },
        { new SessionMovedException(Address), 503, "session_moved" },
        { new TimeoutException(), 503, "outcome_unknown" },
        { new OperationCanceledException(), 503, "outcome_unknown" },
        { new EnumerationAbortedException("x"), 503, "outcome_unknown" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void From_EachError_HasItsStatusAndCode(Exception error, int status, string code)
    {
        var problem = Problem.From(error, changes: true);

        Assert.NotNull(problem);
        Assert.Equal((status, code), (problem.Status, problem.Code));
        Assert.Equal(status is 429 or 503 && error is not QuotaExceededException, problem.IsTransient);
    }

    [Fact]
    public void Errors_CoverEveryTypeThereIs() => Assert.Equal(
        typeof(ForgeException).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ForgeException))).Select(type => type.Name).Order(),
        Errors.Select(row => row.Data.Item1).OfType<ForgeException>().Select(error => error.GetType().Name).Order());

    [Fact]
    public void From_EndOfARead_ChangedNothing()
    {
        Assert.Equal("unavailable", Problem.From(new TimeoutException(), changes: false)!.Code);
        Assert.Equal("unavailable", Problem.From(new OperationCanceledException(), changes: false)!.Code);
    }

    [Fact]
    public void From_AnythingElse_IsNotExplained() =>
        Assert.Null(Problem.From(new InvalidCastException("secret"), changes: true));
}
