using CsCheck;
using Forge.Grains.Tests.History;
using Forge.History.InMemory;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Integrity;

public sealed class HistoryVerifierTests
{
    [Fact]
    public async Task Verify_AnyOneValueChanged_IsFoundAndLocated()
    {
        // CsCheck prints the seed of a failing case.
        await Gen.Int.SampleAsync(
            async seed =>
            {
                var store = new InMemoryHistoryStore();
                var made = new MadeHistory(store, HistoryRows.Address("s"), seed);
                var random = new Random(seed);
                await made.MakeAsync(random.Next(5, 40));
                Anchor[] anchors = [.. made.Anchors];
                var sound = await made.VerifyAsync(anchors);
                Assert.True(sound.IsIntact, $"a sound history is called damaged: {Text(sound)}");
                Assert.Equal(made.Head.Count, sound.Valid);
                Assert.All(sound.Anchors, a => Assert.NotEqual(AnchorOutcome.Broken, a.Outcome));

                var change = MemoryTampering.Tamper(store, made.Head.Key, random);

                var result = await made.VerifyAsync();
                Assert.True(result.Invalid > 0, $"not found: {change}");
                Assert.True(
                    result.Damages.Any(d => change.IsHead
                        ? d.Kind == DamageKind.Head
                        : (d.Sequence != 0 && d.Sequence == change.Sequence) || (d.Position != 0 && d.Position == change.Position)
                            || (d.Kind == DamageKind.Missing && d.Problem.Contains($" to {change.Position} ", StringComparison.Ordinal))),
                    $"not located: {change}: {Text(result)}");
            },
            iter: 10_000);
    }

    private static string Text(VerifyResult result) => string.Join("; ", result.Damages);
}
