using Forge.Effects;
using Forge.History.Rows;

namespace Forge.Grains.Tests.History.Rows;

public sealed class EffectEvidenceTextTests
{
    [Fact]
    public void Write_MoreThanIsKept_TheOldestGoes() => Assert.Equal(
        Enumerable.Range(5, EffectEvidenceText.Most).Select(epoch => (long)epoch),
        Kept([.. Enumerable.Range(1, EffectEvidenceText.Most + 4).Select(epoch => One(epoch, EffectVerdict.Failed))]));

    [Fact]
    public void Write_FailuresBehindACompletedRun_ThatOneStays()
    {
        EffectEvidence[] evidence =
            [One(1, EffectVerdict.Failed), One(2, EffectVerdict.Completed), .. Enumerable.Range(3, 40).Select(epoch => One(epoch, EffectVerdict.Failed))];

        Assert.Equal([2, .. Enumerable.Range(28, EffectEvidenceText.Most - 1).Select(epoch => (long)epoch)], Kept(evidence));
    }

    [Fact]
    public void Write_ACompletedRunThatWasResolvedSince_GoesWithTheOldest()
    {
        EffectEvidence[] evidence =
        [
            One(1, EffectVerdict.Completed), One(1, EffectVerdict.Retry) with { By = "ops" },
            .. Enumerable.Range(2, 40).Select(epoch => One(epoch, EffectVerdict.Failed)),
        ];

        Assert.Equal(Enumerable.Range(26, EffectEvidenceText.Most).Select(epoch => (long)epoch), Kept(evidence));
    }

    private static EffectEvidence One(long epoch, EffectVerdict verdict) =>
        new() { EffectEpoch = epoch, Verdict = verdict, At = DateTimeOffset.UnixEpoch };

    private static IEnumerable<long> Kept(IReadOnlyList<EffectEvidence> evidence) =>
        EffectEvidenceText.Read(EffectEvidenceText.Write(evidence)).Select(one => one.EffectEpoch);
}
