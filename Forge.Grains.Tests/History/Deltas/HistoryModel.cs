using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.History.Writing;
using Forge.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.History.Deltas;

/// <summary>
/// Runs a session by chance against a store, as its one writer: creates, branches, deletes, compactions, activations, and the
/// steps of a sweep beside them; and knows what has to be there.
/// </summary>
internal sealed class HistoryModel
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private readonly IHistoryStore _store;
    private readonly SessionScript _session;
    private readonly Random _random;
    private readonly StateScript _script;
    private readonly CommitEncoder _encoder;
    private readonly KnownStates _known = new(1 << 20);
    private readonly SortedDictionary<long, byte[]> _visible = [];
    private readonly List<StoredCheckpoint> _created = [];
    private readonly int _mostBytes;
    private KnownStates.Owner _owner = new();
    private DateTimeOffset _now = HistoryRows.Start;
    private DueWork? _work;

    public HistoryModel(IHistoryStore store, SessionAddress address, int seed, int mostBytes)
    {
        (_store, _session, _random, _mostBytes) = (store, new SessionScript(store, address), new Random(seed), mostBytes);
        _script = new StateScript(_random);
        _encoder = new CommitEncoder(store.Reads, _known, new HistoryInstruments(null), NullLogger<CommitEncoder>.Instance);
    }

    /// <summary>Rows that were kept at the end for others alone.</summary>
    public int Hidden { get; private set; }

    /// <summary>Visible rows at the end that are full copies though they were created as differences.</summary>
    public int CopiedOut { get; private set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task RunAsync(int steps)
    {
        while (_session.Head is null)
        {
            await CreateAsync(0);
        }

        for (var step = 0; step < steps; step++)
        {
            await (_random.Next(12) switch
            {
                0 => DeleteAsync(),
                1 => CompactAsync(),
                2 or 3 => SweepAsync(),
                4 => CreateAsync(AnyVisible()),
                5 => ActivateAsync(),
                _ => CreateAsync(_session.Head!.Current),
            });
        }

        await AssertVisibleAsync();
        await CompactAsync();
        while (_work is not null || await ClaimAsync())
        {
            await SweepAsync();
        }

        await AssertVisibleAsync();
        await AssertNothingElseAsync();
    }

    private async Task CreateAsync(long parent)
    {
        var count = _random.Next(5) == 0 ? _random.Next(2, 14) : 1;
        var (rows, states) = (new List<StoredCheckpoint>(), new Dictionary<long, byte[]>());
        for (var i = 0; i < count; i++)
        {
            var sequence = (_session.Head?.LastSequence ?? 0) + i + 1;
            var before = states.GetValueOrDefault(parent) ?? _visible.GetValueOrDefault(parent) ?? _script.Text(_mostBytes / 2);
            states[sequence] = _script.Next(before, _mostBytes);
            rows.Add(HistoryRows.Checkpoint(sequence).WithState(states[sequence]) with { Parent = parent });
            parent = sequence;
        }

        var encoded = await _encoder.EncodeAsync(_owner, await _session.NextAsync([.. rows]));
        if (_random.Next(8) == 0)
        {
            // As after a commit that failed: nothing of it was written, and the numbers are given again.
            _encoder.End(_owner, encoded, CommitStatus.Unavailable);
            return;
        }

        await _session.CommitAsync(encoded.Commit);
        _encoder.End(_owner, encoded, CommitStatus.Committed);
        _created.AddRange(encoded.Commit.Creates);
        foreach (var (sequence, state) in states)
        {
            _visible.Add(sequence, state);
        }
    }

    private async Task DeleteAsync()
    {
        var sequence = AnyVisible();
        if (sequence == 0)
        {
            return;
        }

        _visible.Remove(sequence);
        var head = _visible.Count == 0 ? 0 : _visible.Keys.Last();
        await _session.CommitAsync(c => c with
        {
            Head = c.Head with { Head = head, Current = c.Head.Current == sequence ? head : c.Head.Current },
            Changes = [new Removed(sequence), new Due(DueWorkKind.Reclaim, _now)],
        });
    }

    private async Task CompactAsync()
    {
        var (head, oneIn) = (_session.Head!, _random.Next(1, 12));
        var going = _visible.Keys.Where(s => s != head.Head && s != head.Current && _random.Next(oneIn) != 0).ToList();
        going.ForEach(sequence => _visible.Remove(sequence));
        var removals = new List<SequenceRange>();
        var next = 1L;
        foreach (var kept in _visible.Keys.Append(head.LastSequence + 1))
        {
            if (kept > next)
            {
                removals.Add(new SequenceRange(next, kept - 1));
            }

            next = kept + 1;
        }

        await _session.CommitAsync(c => c with
        {
            Changes = [.. removals.Select(x => new RangeRemoved(x)), new Due(DueWorkKind.Reclaim, _now)],
        });
    }

    private async Task SweepAsync()
    {
        if ((_work is not null || await ClaimAsync())
            && await _store.Upkeep.DoWorkAsync(_work!, _random.Next(1, 20), HistoryRows.Start.AddYears(1), Cancel))
        {
            _work = null;
        }
    }

    private async Task<bool> ClaimAsync()
    {
        _now += Lease * 2;
        return (_work = await _store.Upkeep.ClaimDueWorkAsync("model", _now, Lease, Cancel)) is not null;
    }

    private Task ActivateAsync()
    {
        // Another activation, which knows no state and has to fetch.
        _known.Drop(_owner);
        _owner = new KnownStates.Owner();
        return Task.CompletedTask;
    }

    private long AnyVisible() => _visible.Count == 0 ? 0 : _visible.Keys.ElementAt(_random.Next(_visible.Count));

    private async Task AssertVisibleAsync()
    {
        foreach (var (sequence, state) in _visible)
        {
            var row = await ReadAsync(sequence);
            Assert.True(StateDecoder.DecodeSaved(row.State).Span.SequenceEqual(state), $"The state of {sequence} differs.");
        }

        await using var snapshot = await _store.Reads.OpenSnapshotAsync(_session.Address, Cancel);
        var seen = new List<long>();
        await foreach (var (row, _) in snapshot!.ReadAsync(Cancel))
        {
            seen.Add(row.Sequence);
            Assert.True(row.Stored.Span.SequenceEqual(_visible[row.Sequence]), $"The state of {row.Sequence} differs in a snapshot.");
        }

        Assert.Equal(_visible.Keys, seen);
        var listed = await _store.Reads.ListAsync(_session.Address, new ListFilter { Limit = 10_000, Order = ListOrder.OldestFirst }, Cancel);
        Assert.Equal(_visible.Keys, listed.Value.Select(r => r.Sequence));
    }

    /// <summary>What is stored is what is visible and what that stands on. A row is its own memory of its create, hidden or not.</summary>
    private async Task AssertNothingElseAsync()
    {
        var needed = new SortedSet<long>(_visible.Keys);
        foreach (var sequence in _visible.Keys)
        {
            var row = await ReadAsync(sequence);
            needed.UnionWith(row.Bases.Select(b => b.Sequence));
            CopiedOut += row.Row.Base is null && _created.Exists(c => c.Sequence == sequence && c.Base is not null) ? 1 : 0;
        }

        Assert.Equal(needed, await _store.Reads.ReadStoredAsync(_session.Address, _created.Select(c => c.Id), Cancel));
        Hidden += needed.Count - _visible.Count;
    }

    private async Task<CheckpointRead> ReadAsync(long sequence)
    {
        var read = await _store.Reads.ReadCheckpointAsync(
            _session.Address, CheckpointReference.BySequence(sequence), CheckpointParts.State, Cancel);
        Assert.NotNull(read.Value);
        return read.Value;
    }
}
