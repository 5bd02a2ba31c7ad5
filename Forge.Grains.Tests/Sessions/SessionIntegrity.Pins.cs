using System.Text;
using Forge.Checkpoints;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What is required, changed or damaged behind the service's back.</summary>
public abstract partial class SessionIntegrity
{
    [Fact]
    public async Task Verify_RowAndIndexRequireSomethingElse_IsFoundByTheChain()
    {
        var session = await MakePinsAsync();

        await ExecuteAsync($"UPDATE checkpoints SET requires = '1,2' WHERE sequence = 4 AND {OfSession(session)}");
        await ExecuteAsync($"UPDATE requirements SET required_sequence = 2 WHERE required_sequence = 3 AND {OfSession(session)}");

        var damage = Assert.Single((await session.VerifyOnceAsync()).Damages);
        Assert.Equal((DamageKind.Checkpoint, 4L), (damage.Kind, damage.Sequence));
    }

    [Theory]
    [InlineData("requires = NULL", 0)]
    [InlineData("requires = ''", 0)]
    [InlineData("requires = 'x,,-3,99999999999999999999999'", 0)]
    [InlineData("requires = '1'", 1)]
    public async Task Read_TextOfWhatIsRequiredIsAnother_IsAnsweredAndFound(string change, int required)
    {
        var session = await MakePinsAsync();

        await ExecuteAsync($"UPDATE checkpoints SET {change} WHERE sequence = 4 AND {OfSession(session)}");

        // The silo holds nothing of a session that it is done with, and reads the row.
        await fixture.Cluster.EndActivationsAsync();
        Assert.Equal(required, (await session.GetSummaryAsync(4))!.Requires.Count);
        var damages = (await session.VerifyOnceAsync()).Damages;
        Assert.Contains(damages, d => d.Kind == DamageKind.Checkpoint && d.Sequence == 4);
        Assert.Contains(damages, d => d.Kind == DamageKind.Requirement && d.Sequence == 4);
    }

    [Fact]
    public async Task ExportSound_WhatIsRequiredIsDamaged_IsRequiredNoMoreAndComesIn()
    {
        var (session, copy) = (await MakePinsAsync(), fixture.Cluster.Session(Make.Id()));
        await fixture.Cluster.EndActivationsAsync();
        await DamageAsync(session, 3, "codec");

        var document = new MemoryStream();
        await foreach (var piece in session.ExportSoundAsync(TestContext.Current.CancellationToken))
        {
            document.Write(piece);
        }

        Assert.DoesNotContain("\"requires\":[1,3]", Encoding.UTF8.GetString(document.ToArray()), StringComparison.Ordinal);
        await copy.ImportAllAsync(document.ToArray());
        Assert.Equal([1], (await copy.GetSummaryAsync(4))!.Requires);
        Assert.True((await copy.VerifyOnceAsync()).IsIntact);
    }

    /// <summary>Four roots, of which the last requires the first and the third.</summary>
    private async Task<ISessionGrain> MakePinsAsync()
    {
        var session = fixture.Cluster.Session(Make.Id());
        for (var i = 1; i <= 4; i++)
        {
            await session.CreateAsync(Make.Checkpoint($"{i}") with
            {
                Parent = CheckpointReference.None,
                Requires = i == 4 ? [1, 3] : null,
            });
        }

        Assert.True((await session.VerifyOnceAsync()).IsIntact);
        return session;
    }
}
