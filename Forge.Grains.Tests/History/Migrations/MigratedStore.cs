using System.Security.Cryptography;
using Forge.Catalog;
using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.History.Verification;
using Forge.History.Writing;
using Forge.Identity;
using Forge.Integrity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.History.Migrations;

/// <summary>All that the tests of migrations ask of a store, so that they themselves know nothing of its interface.</summary>
internal sealed class MigratedStore(IHistoryStore store) : IAsyncDisposable
{
    /// <summary>Later than whatever is due in a fixture.</summary>
    private static readonly DateTimeOffset Now = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly DueWorkKind[] RowKinds = [DueWorkKind.Reclaim, DueWorkKind.Staging, DueWorkKind.Erase];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => store.DisposeAsync();

    public async Task<bool> IsDeletedAsync(string session) =>
        (await store.Reads.ReadHeadAsync(HistoryRows.Address(session), Cancel))!.Head.DeletedAt is not null;

    /// <summary>Reads a session, each checkpoint for itself.</summary>
    public async Task<RecordedSession> ReadAsync(string session)
    {
        var address = HistoryRows.Address(session);
        var head = (await store.Reads.ReadHeadAsync(address, Cancel))!.Head;
        var filter = new ListFilter { Limit = 1000, Order = ListOrder.OldestFirst };
        var checkpoints = new List<RecordedCheckpoint>();
        foreach (var row in (await store.Reads.ListAsync(address, filter, Cancel)).Value)
        {
            var read = await store.Reads.ReadCheckpointAsync(
                address, CheckpointReference.BySequence(row.Sequence), CheckpointParts.All, Cancel);
            var checkpoint = CheckpointReader.ToCheckpoint(address, read.Value!);
            checkpoints.Add(new RecordedCheckpoint(
                row.Sequence, row.Message, row.Tags, row.Parent, row.Trigger, row.ContentType, checkpoint.State.Length,
                Convert.ToHexStringLower(SHA256.HashData(checkpoint.State.Span)),
                [.. checkpoint.Annotations.Select(a => new RecordedAnnotation(a.Severity, a.Text))]));
        }

        return new RecordedSession(
            session, head.Count, head.Bytes, head.Head, head.Current, head.LastSequence,
            new(SessionSettingsJson.Read(head.Settings).Labels.ToDictionary(), StringComparer.Ordinal),
            [], checkpoints);
    }

    /// <summary>What is known of creates, by their ids, in the order of their sequences.</summary>
    public async Task<IEnumerable<RecordedCreate>> ReadCreatesAsync(string session, IEnumerable<Guid> ids)
    {
        var creates = await store.Reads.ReadCreatesAsync(
            HistoryRows.Address(session), [.. ids.Select(id => new CheckpointId(id))], Cancel);
        return creates.Value.Select(c => new RecordedCreate(c.Id.Value, c.Sequence)).OrderBy(c => c.Sequence);
    }

    /// <summary>Creates a checkpoint on the current one, numbered, chained and encoded as a silo would.</summary>
    public async Task CreateAsync(string session, string message, byte[] state)
    {
        var address = HistoryRows.Address(session);
        var engine = new SessionEngine(address, await store.Reads.ReadHeadAsync(address, Cancel), TimeSpan.FromHours(1), 100);
        var create = new CreateCommand(
            new() { Id = new CheckpointId(Guid.NewGuid()), FirstAttempt = true, Message = message, State = state, ContentType = "text/plain" },
            SHA256.HashData(state));
        Assert.Equal(Verdict.Accepted, engine.Create([create], [null], Now, TimeSpan.Zero).Verdict);
        var encoder = new CommitEncoder(store.Reads, new KnownStates(0), new HistoryInstruments(null), NullLogger<CommitEncoder>.Instance);
        var commit = await encoder.EncodeAsync(new KnownStates.Owner(), engine.BeginCommit(1, 1)!);
        var outcome = Assert.Single(await store.Commits.CommitAsync(SessionScript.Batch(commit.Commit), Cancel));
        Assert.Equal(CommitStatus.Committed, outcome.Status);
    }

    /// <summary>The sessions with a label, by name.</summary>
    public Task<IReadOnlyList<string>> FindByLabelAsync(string name, string value) =>
        FindAsync(new SessionFilter { Labels = [new(name, value)], Limit = 1000 });

    /// <summary>All sessions, as a search by activity finds them, by name.</summary>
    public async Task<IEnumerable<string>> FindByActivityAsync() =>
        (await FindAsync(new SessionFilter { Order = SessionOrder.Activity, Limit = 1000 })).Order(StringComparer.Ordinal);

    /// <summary>The checkpoints with a tag, by session and sequence.</summary>
    public async Task<IEnumerable<(string Session, long Sequence)>> FindByTagAsync(string tag) =>
        (await store.Catalog.ListCheckpointsAsync(TenantId.Default, new CheckpointFilter { Tag = tag, Limit = 1000 }, Cancel)).Rows
            .Select(r => (r.Session.Value, r.Row.Sequence)).Order();

    /// <summary>Puts right when sessions were active; says of how many it was not.</summary>
    public Task<int> MendActivityAsync() => store.Upkeep.MendActivityAsync(0, long.MaxValue, Cancel);

    private async Task<IReadOnlyList<string>> FindAsync(SessionFilter filter) =>
        [.. (await store.Catalog.ListSessionsAsync(TenantId.Default, filter, Cancel)).Rows.Select(r => r.Session.Value)];

    /// <summary>The state of a session's current checkpoint.</summary>
    public async Task<byte[]> ReadCurrentAsync(string session)
    {
        var address = HistoryRows.Address(session);
        var current = (await store.Reads.ReadHeadAsync(address, Cancel))!.Head.Current;
        var read = await store.Reads.ReadCheckpointAsync(address, CheckpointReference.BySequence(current), CheckpointParts.State, Cancel);
        return CheckpointReader.ToState(address, read.Value!.State).ToArray();
    }

    public async Task<VerifyResult> VerifyAsync(string session) =>
        (await new HistoryVerifier(store.Verification).VerifyAsync(HistoryRows.Address(session), [], null, Cancel))!;

    /// <summary>Does all work that removes rows to its end, and says how many pieces there were.</summary>
    public async Task<int> FinishDueWorkAsync()
    {
        var pieces = 0;
        foreach (var kind in RowKinds)
        {
            while (await store.Upkeep.ClaimDueWorkAsync(kind, "sweeper", Now, TimeSpan.FromMinutes(1), Cancel) is { } work)
            {
                pieces++;
                var steps = 0;
                while (!await store.Upkeep.DoWorkAsync(work, 3, DateTimeOffset.UnixEpoch, Cancel))
                {
                    Assert.True(++steps < 1000, "The work does not end.");
                }
            }
        }

        return pieces;
    }
}
