using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task AddKey_WithAndWithoutAnEnd_IsFoundAsItWasAndTold()
    {
        var (one, other) = (Key(1), Key(2) with { EndsAt = HistoryRows.Start.AddDays(1), Scopes = 7 });

        Assert.Equal(KeyAddition.Added, await Store.Access.AddKeyAsync(one, 9, Entry("key_created"), Cancel));
        Assert.Equal(KeyAddition.Added, await Store.Access.AddKeyAsync(other, 9, Entry("key_created"), Cancel));

        AssertSame(one, await Store.Access.FindKeyAsync(1, Cancel));
        AssertSame(other, await Store.Access.FindKeyAsync(2, Cancel));
        Assert.Null(await Store.Access.FindKeyAsync(3, Cancel));
        Assert.Equal([1, 2], (await Store.Access.FindKeysAsync([2, 3, 1], Cancel)).Select(key => key.Id).Order());
        Assert.Equal([1, 2], (await Store.Access.ReadAuditAsync("t", 0, 9, Cancel)).Select(entry => entry.Position));
    }

    [Fact]
    public async Task AddKey_IdThatIsTaken_LeavesTheOtherAndTellsNothing()
    {
        await Store.Access.AddKeyAsync(Key(1), 9, Entry("key_created"), Cancel);

        Assert.Equal(KeyAddition.IdTaken, await Store.Access.AddKeyAsync(Key(1, "u"), 9, Entry("key_created", "u"), Cancel));

        Assert.Equal("t", (await Store.Access.FindKeyAsync(1, Cancel))!.Tenant);
        Assert.Empty(await Store.Access.ReadAuditAsync("u", 0, 9, Cancel));
    }

    [Fact]
    public async Task AddKey_AsManyAsMayBe_IsRefusedUntilOneIsRevoked()
    {
        await Store.Access.AddKeyAsync(Key(1), 2, Entry("key_created"), Cancel);
        await Store.Access.AddKeyAsync(Key(2), 2, Entry("key_created"), Cancel);

        Assert.Equal(KeyAddition.TooMany, await Store.Access.AddKeyAsync(Key(3), 2, Entry("key_created"), Cancel));
        Assert.Equal(KeyAddition.Added, await Store.Access.AddKeyAsync(Key(4, "u"), 2, Entry("key_created", "u"), Cancel));
        await Store.Access.RevokeKeyAsync("t", 1, HistoryRows.Start, Entry("key_revoked"), Cancel);
        Assert.Equal(KeyAddition.Added, await Store.Access.AddKeyAsync(Key(3), 2, Entry("key_created"), Cancel));
    }

    [Fact]
    public async Task ListKeys_PageByPage_AreThoseOfTheTenantInTheOrderOfTheirMaking()
    {
        // By one instant too, and with ids in another order.
        long[] ids = [50, 10, 40, 20, 30];
        foreach (var (id, i) in ids.Select((id, i) => (id, i)))
        {
            await Store.Access.AddKeyAsync(Key(id) with { CreatedAt = HistoryRows.Start.AddSeconds(i / 2) }, 99, Entry("key_created"), Cancel);
        }

        await Store.Access.AddKeyAsync(Key(60, "u"), 99, Entry("key_created", "u"), Cancel);
        var (listed, last) = (new List<long>(), (AccessKey?)null);
        while (await Store.Access.ListKeysAsync("t", last, 2, Cancel) is { Count: > 0 } page)
        {
            listed.AddRange(page.Select(key => key.Id));
            last = page[^1];
        }

        Assert.Equal([10, 50, 20, 40, 30], listed);
    }

    [Fact]
    public async Task RevokeKey_TwiceAndOfAnother_RevokesOnceAndTellsNothingOfOthers()
    {
        await Store.Access.AddKeyAsync(Key(1), 9, Entry("key_created"), Cancel);
        var at = HistoryRows.Start.AddHours(1);

        Assert.Null(await Store.Access.RevokeKeyAsync("u", 1, at, Entry("key_revoked", "u"), Cancel));
        Assert.Null(await Store.Access.RevokeKeyAsync("t", 2, at, Entry("key_revoked"), Cancel));
        Assert.Null((await Store.Access.FindKeyAsync(1, Cancel))!.RevokedAt);
        Assert.Equal(at, (await Store.Access.RevokeKeyAsync("t", 1, at, Entry("key_revoked"), Cancel))!.RevokedAt);
        Assert.Equal(at, (await Store.Access.RevokeKeyAsync("t", 1, at.AddHours(1), Entry("key_revoked"), Cancel))!.RevokedAt);

        Assert.Equal(["key_created", "key_revoked"], (await Store.Access.ReadAuditAsync("t", 0, 9, Cancel)).Select(entry => entry.Act));
        Assert.Empty(await Store.Access.ReadAuditAsync("u", 0, 9, Cancel));
    }

    [Fact]
    public async Task NoteUse_OfSomeKeys_NeverGoesBack()
    {
        await Store.Access.AddKeyAsync(Key(1), 9, Entry("key_created"), Cancel);
        await Store.Access.AddKeyAsync(Key(2), 9, Entry("key_created"), Cancel);

        await Store.Access.NoteUseAsync([1, 9], HistoryRows.Start.AddHours(2), Cancel);
        await Store.Access.NoteUseAsync([1], HistoryRows.Start.AddHours(1), Cancel);

        Assert.Equal(HistoryRows.Start.AddHours(2), (await Store.Access.FindKeyAsync(1, Cancel))!.UsedAt);
        Assert.Null((await Store.Access.FindKeyAsync(2, Cancel))!.UsedAt);
    }

    [Fact]
    public async Task Audit_OfSeveralTenantsAtOnce_IsDenseForEach()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Store.Access.AuditAsync(
            [.. Enumerable.Range(0, 5).Select(n => Entry($"act-{i}-{n}", n % 2 == 0 ? "t" : "u"))], Cancel)));

        var (t, u) = (await Store.Access.ReadAuditAsync("t", 0, 99, Cancel), await Store.Access.ReadAuditAsync("u", 0, 99, Cancel));
        Assert.Equal(Enumerable.Range(1, 24).Select(n => (long)n), t.Select(entry => entry.Position));
        Assert.Equal(Enumerable.Range(1, 16).Select(n => (long)n), u.Select(entry => entry.Position));
        Assert.Equal(t.Skip(10).Take(3), await Store.Access.ReadAuditAsync("t", 10, 3, Cancel));
        Assert.Equal(Entry("act") with { Act = t[0].Act, Position = 1 }, t[0]);
    }

    [Fact]
    public async Task Trim_OldEntriesAndKeys_GoInStepsAndNumbersGoOn()
    {
        var late = HistoryRows.Start.AddDays(1);
        await Store.Access.AuditAsync([Entry("a"), Entry("b"), Entry("c"), Entry("d") with { At = late }], Cancel);
        await Store.Access.AddKeyAsync(Key(1) with { EndsAt = HistoryRows.Start }, 9, Entry("e") with { At = late }, Cancel);
        await Store.Access.AddKeyAsync(Key(2) with { RevokedAt = HistoryRows.Start }, 9, Entry("f") with { At = late }, Cancel);
        await Store.Access.AddKeyAsync(Key(3), 9, Entry("g") with { At = late }, Cancel);

        Assert.Equal(2 + 2, await Store.Access.TrimAsync(late, 2, Cancel));
        Assert.Equal(1, await Store.Access.TrimAsync(late, 2, Cancel));
        Assert.Equal(0, await Store.Access.TrimAsync(late, 2, Cancel));

        Assert.Equal([4, 5, 6, 7], (await Store.Access.ReadAuditAsync("t", 0, 9, Cancel)).Select(entry => entry.Position));
        Assert.Equal([3], (await Store.Access.ListKeysAsync("t", null, 9, Cancel)).Select(key => key.Id));
        await Store.Access.TrimAsync(late.AddDays(1), 9, Cancel);
        await Store.Access.AuditAsync([Entry("h")], Cancel);
        Assert.Equal(8, Assert.Single(await Store.Access.ReadAuditAsync("t", 0, 9, Cancel)).Position);
    }

    private static AccessKey Key(long id, string tenant = "t") =>
        new(id, tenant, $"key {id} ✓", 1, [(byte)id, 2, 3], HistoryRows.Start, null, null, null);

    private static AuditEntry Entry(string act, string tenant = "t") =>
        new(tenant, 0, HistoryRows.Start, act, "key:1", "session:s", "done", "");

    private static void AssertSame(AccessKey expected, AccessKey? found)
    {
        Assert.NotNull(found);
        Assert.Equal(expected.Hash, found.Hash);
        Assert.Equal(expected, found with { Hash = expected.Hash });
    }
}
