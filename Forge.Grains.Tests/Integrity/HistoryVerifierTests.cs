using CsCheck;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Sqlite;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Integrity;

public sealed class HistoryVerifierTests
{
    [Fact]
    public async Task Verify_AnySoundHistory_IsIntact()
    {
        await using var stores = new TrialStores();

        // CsCheck prints the seed of a failing case.
        await Gen.Int.SampleAsync(
            seed => stores.UseAsync(async (store, name) =>
            {
                var made = new MadeHistory(store, HistoryRows.Address(name), seed);
                await made.MakeAsync(new Random(seed).Next(5, 40));
                Anchor[] anchors = [.. made.Anchors];
                var sound = await made.VerifyAsync(anchors);
                Assert.True(sound.IsIntact, $"a sound history is called damaged: {string.Join("; ", sound.Damages)}");
                Assert.Equal(made.Head.Count, sound.Valid);
                Assert.All(sound.Anchors, a => Assert.NotEqual(AnchorOutcome.Broken, a.Outcome));
            }),
            iter: 1000);
    }
}
