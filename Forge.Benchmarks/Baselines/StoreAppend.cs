using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Writing;
using Forge.Identity;
using Forge.Testing.PostgreSql;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Benchmarks.Baselines;

/// <summary>
/// Forge's history store alone, without grains, engine and writer: batches of one create of each of so many sessions, one
/// batch after another. What it needs beyond a raw insert is the price of the fence.
/// </summary>
internal sealed class StoreAppend(string name, DatabaseServer server, int sessions, StatePool states) : Side(name)
{
    private readonly SessionHead[] _heads = new SessionHead[sessions];
    private PostgreSqlHistoryStore? _store;
    private long _steps;

    private PostgreSqlHistoryStore Store => _store ?? throw new InvalidOperationException("It was not prepared.");

    public override async Task PrepareAsync()
    {
        _store = new PostgreSqlHistoryStore(
            await server.CreateDatabaseAsync(), new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System,
            NullLogger<PostgreSqlHistoryStore>.Instance);
        await _store.StartAsync(CancellationToken.None);
        for (var i = 0; i < sessions; i++)
        {
            _heads[i] = new SessionHead
            {
                Key = await _store.Commits.NextSessionKeyAsync(CancellationToken.None),
                Version = 0,
                CreatedAt = TimeProvider.System.GetUtcNow(),
            };
        }
    }

    public override Task<double> RunAsync(TimeSpan duration) => Callers.RateAsync(1, duration, _ => WriteAsync());

    public override async Task ValidateAsync()
    {
        for (var i = 0; i < sessions; i++)
        {
            var list = await Store.Reads.ListAsync(Address(i), new ListFilter { Limit = int.MaxValue, MostBytes = long.MaxValue }, CancellationToken.None);
            if (list.Version != _heads[i].Version || list.Value.Count != _heads[i].Count)
            {
                throw new ValidationException(Name, $"session {i} has {list.Value.Count} checkpoints, and {_heads[i].Count} were committed");
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private static SessionAddress Address(int session) => new(TenantId.Default, SessionId.Parse($"store-{session}"));

    private async Task<int> WriteAsync()
    {
        var commits = new SessionCommit[sessions];
        for (var i = 0; i < sessions; i++)
        {
            commits[i] = Commit(i);
        }

        var outcomes = await Store.Commits.CommitAsync(new CommitBatch(Guid.NewGuid(), commits), CancellationToken.None);
        if (outcomes.Any(o => o.Status != CommitStatus.Committed))
        {
            throw new ValidationException(Name, "a commit was refused");
        }

        return sessions;
    }

    private SessionCommit Commit(int session)
    {
        var (before, now, step) = (_heads[session], TimeProvider.System.GetUtcNow(), _steps++);
        var state = states.State(step);
        var head = before with
        {
            Version = before.Version + 1,
            LastCreatedAt = now,
            LastSequence = before.LastSequence + 1,
            Head = before.LastSequence + 1,
            Current = before.LastSequence + 1,
            LastPosition = before.LastPosition + 1,
            Count = before.Count + 1,
            Bytes = before.Bytes + state.Length,
        };
        _heads[session] = head;
        return new SessionCommit
        {
            Address = Address(session),
            ExpectedVersion = before.Version,
            Head = head,
            Weight = state.Length,
            Changes =
            [
                new Created(new StoredCheckpoint
                {
                    Sequence = head.LastSequence,
                    Id = CheckpointId.Create(now),
                    CreatedAt = now,
                    Position = head.LastPosition,
                    Parent = before.Current,
                    Message = StatePool.Message(step),
                    Tags = [],
                    Trigger = default,
                    ContentType = "application/octet-stream",
                    Size = state.Length,
                    Checksum = states.Checksum(step),
                    StoredSize = state.Length,
                    Stored = state,
                }),
            ],
        };
    }
}
