using System.Diagnostics;
using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.Identity;
using Microsoft.Extensions.Logging;

namespace Forge.History.Writing;

/// <summary>
/// The group commit of a silo: takes what its sessions have waiting, as many as fit, and writes them in one transaction.
/// </summary>
/// <remarks>
/// No commit waits for a timer: what arrives while nothing is being written is written at once, and while a batch is in flight the
/// next one gathers, so batches grow with the load. Another lane is opened only for a batch worth a commit of its own, or
/// beside one that is so large or takes so long that it would hold the others up, for which a timer looks: on a database with
/// little to spare, two small batches cost more than one. At most one commit of a session is in flight. A batch that is rolled back for one session's sake is
/// halved until that session is alone, so the others are written without it. A batch whose outcome is in doubt is looked up
/// before its sessions are answered.
/// </remarks>
internal sealed partial class HistoryWriter : IAsyncDisposable
{
    /// <summary>A batch in flight for longer than this is not waited for: its rows are locked, or its outcome is looked up.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);

    private readonly IHistoryCommits _commits;
    private readonly WriterOptions _options;
    private readonly int _lanesLimit;
    private readonly TimeProvider _time;
    private readonly HistoryInstruments _instruments;
    private readonly ILogger<HistoryWriter> _logger;
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiting> _waiting = [];
    private readonly HashSet<SessionAddress> _writing = [];
    private readonly List<Task> _lanes = [];
    private readonly List<long> _startedAt = [];
    private readonly ITimer _look;
    private bool _looks;
    private int _busyLanes;
    private bool _laneStarts;
    private int _waitingRecords;
    private long _waitingWeight;
    private long _writingWeight;
    private bool _closed;

    public HistoryWriter(
        IHistoryCommits commits, WriterOptions options, TimeProvider time, HistoryInstruments instruments, ILogger<HistoryWriter> logger)
    {
        (_commits, _options, _time, _instruments, _logger) = (commits, options, time, instruments, logger);
        _lanesLimit = commits.HasOneWriter ? 1 : options.Lanes;
        _look = time.CreateTimer(static writer => ((HistoryWriter)writer!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        instruments.ObserveWriter(ReadLoad);
    }

    /// <summary>Writes a commit with others and answers when its outcome is known. Never throws for what the database does.</summary>
    /// <exception cref="UnavailableException">The writer is closed.</exception>
    public Task<CommitOutcome> WriteAsync(SessionCommit commit)
    {
        var waiting = new Waiting(commit, _time.GetTimestamp());
        lock (_lock)
        {
            if (_closed)
            {
                throw new UnavailableException("The silo is stopping; nothing was changed.");
            }

            _waiting.AddLast(waiting);
            _waitingRecords += RecordsOf(commit);
            _waitingWeight += commit.Weight;
            StartLane();
        }

        return waiting.Outcome.Task;
    }

    private WriterLoad ReadLoad()
    {
        lock (_lock)
        {
            var age = _waiting.First is { Value.Since: var since } ? _time.GetElapsedTime(since) : TimeSpan.Zero;
            return new WriterLoad(_waiting.Count, _waitingWeight, age, _busyLanes);
        }
    }

    /// <summary>Starts a lane if one is wanted and may be; if it may but is not wanted yet, it is looked at again.</summary>
    private void StartLane()
    {
        if (_laneStarts || _busyLanes >= _lanesLimit)
        {
            return;
        }

        if (WantsLane)
        {
            _laneStarts = true;
            _lanes.RemoveAll(l => l.IsCompleted);
            _lanes.Add(Task.Run(RunLaneAsync));
        }
        else
        {
            LookLater();
        }
    }

    private void LookLater()
    {
        if (!_looks)
        {
            _looks = _look.Change(Slow + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>What waits may have come before the batch in flight was slow, and nothing may come after it.</summary>
    private void Look()
    {
        lock (_lock)
        {
            _looks = false;
            if (_waiting.Count > 0 && !_closed)
            {
                StartLane();
            }
        }
    }

    /// <summary>
    /// Writes what was accepted and then closes. It takes no longer than twice what a command may take: then what no batch has taken is
    /// answered as unavailable, and what is in flight is left to its own end.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task[] lanes;
        lock (_lock)
        {
            _closed = true;
            lanes = [.. _lanes];
        }

        try
        {
            await Task.WhenAll(lanes).WaitAsync(2 * _options.CommandTimeout, _time);
        }
        catch (TimeoutException exception)
        {
            GiveUp(exception);
        }

        await _look.DisposeAsync();
    }

    /// <summary>Answers what waits, so that no lane takes another batch.</summary>
    private void GiveUp(TimeoutException cause)
    {
        List<Waiting> left;
        lock (_lock)
        {
            left = [.. _waiting];
            _waiting.Clear();
            (_waitingRecords, _waitingWeight) = (0, 0);
        }

        LogGivenUp(left.Count, 2 * _options.CommandTimeout);
        AnswerAll(left, new CommitOutcome(CommitStatus.Unavailable, new UnavailableException("The silo is stopping; nothing was changed.", cause)));
    }

    /// <summary>True if a lane more has something to do that should not wait for those that are busy.</summary>
    private bool WantsLane => _busyLanes == 0
        || _waitingRecords >= Math.Min(_options.LaneRecords, _options.BatchRecords)
        || _waitingWeight >= _options.BatchBytes
        || _writingWeight >= _options.BatchBytes / 2
        || _time.GetElapsedTime(_startedAt[0]) > Slow;

    private async Task RunLaneAsync()
    {
        for (var starts = true; TakeBatch(starts) is var (batch, startedAt); starts = false)
        {
            var (span, outcome) = (BeginBatch(batch, startedAt), BatchOutcome.Fault);
            try
            {
                outcome = await WriteAsync(batch);
            }
            catch (Exception exception)
            {
                // A fault of ours must neither end the lane nor leave callers waiting, and what it left behind is not known.
                LogLaneFault(exception);
                batch.ForEach(w => w.Outcome.TrySetResult(new CommitOutcome(CommitStatus.Unknown, exception)));
            }
            finally
            {
                var weight = batch.Sum(w => w.Commit.Weight);
                lock (_lock)
                {
                    batch.ForEach(w => _writing.Remove(w.Commit.Address));
                    _writingWeight -= weight;
                    _startedAt.Remove(startedAt);
                    _busyLanes--;
                }

                EndBatch(span, batch, startedAt, weight, outcome);
            }
        }
    }

    /// <summary>Tells of a batch that begins, behind the lock. Null if nobody listens.</summary>
    private Activity? BeginBatch(List<Waiting> batch, long startedAt)
    {
        try
        {
            if (_instruments.MeasuresWaits)
            {
                batch.ForEach(w => _instruments.NoteWait(_time.GetElapsedTime(w.Since, startedAt)));
            }

            return HistoryInstruments.BeginBatch(batch.SelectMany(w => w.Commit.Calls));
        }
        catch (Exception exception)
        {
            // Who listens is not of this service, and what it does must cost no commit.
            LogListenerFault(exception);
            return null;
        }
    }

    /// <summary>Tells of a batch whose outcome is known.</summary>
    private void EndBatch(Activity? span, List<Waiting> batch, long startedAt, long weight, BatchOutcome outcome)
    {
        try
        {
            using (span)
            {
                _instruments.EndBatch(
                    span, _time.GetElapsedTime(startedAt), batch.Count, batch.Sum(w => RecordsOf(w.Commit)), weight, outcome);
            }
        }
        catch (Exception exception)
        {
            LogListenerFault(exception);
        }
    }

    private (List<Waiting> Batch, long StartedAt)? TakeBatch(bool starts)
    {
        lock (_lock)
        {
            _laneStarts &= !starts;
            if (!WantsLane)
            {
                // A busy lane takes what waits, unless its batch becomes slow.
                if (_waiting.Count > 0)
                {
                    LookLater();
                }

                return null;
            }

            List<Waiting> batch = [];
            var (records, weight) = (0, 0L);
            for (var node = _waiting.First; node is not null;)
            {
                var (commit, next) = (node.Value.Commit, node.Next);
                var size = RecordsOf(commit);
                if (batch.Count > 0 && (records + size > _options.BatchRecords || weight + commit.Weight > _options.BatchBytes))
                {
                    break;
                }

                if (_writing.Add(commit.Address))
                {
                    batch.Add(node.Value);
                    _waiting.Remove(node);
                    records += size;
                    weight += commit.Weight;
                }

                node = next;
            }

            if (batch.Count == 0)
            {
                // Whatever still waits belongs to a session that another lane is writing: that lane takes it next.
                return null;
            }

            var startedAt = _time.GetTimestamp();
            _startedAt.Add(startedAt);
            _busyLanes++;
            _waitingRecords -= records;
            _waitingWeight -= weight;
            _writingWeight += weight;

            // Rising keys everywhere: two batches that meet on two rows must not wait for each other.
            batch.Sort((a, b) => a.Commit.Head.Key.CompareTo(b.Commit.Head.Key));
            return (batch, startedAt);
        }
    }

    private async Task<BatchOutcome> WriteAsync(List<Waiting> waiting)
    {
        var batch = new CommitBatch(Guid.NewGuid(), waiting.ConvertAll(w => w.Commit));
        try
        {
            Answer(waiting, await _commits.CommitAsync(batch, CancellationToken.None));
            return BatchOutcome.Written;
        }
        catch (BatchRejectedException rejected) when (waiting.Count == 1)
        {
            waiting[0].Outcome.SetResult(new CommitOutcome(rejected.Status, rejected.InnerException));
            return BatchOutcome.Rejected;
        }
        catch (BatchRejectedException)
        {
            // What became of the halves is told if it is worse than that the whole was rejected.
            var first = await WriteAsync(waiting[..(waiting.Count / 2)]);
            var second = await WriteAsync(waiting[(waiting.Count / 2)..]);
            return new[] { BatchOutcome.Rejected, first, second }.Max();
        }
        catch (UnavailableException exception)
        {
            AnswerAll(waiting, new CommitOutcome(CommitStatus.Unavailable, exception));
            return BatchOutcome.Unavailable;
        }
        catch (CommitInDoubtException exception)
        {
            LogInDoubt(waiting.Count, exception);
            await FindOutAsync(waiting, batch, exception);
            return BatchOutcome.InDoubt;
        }
    }

    private async Task FindOutAsync(List<Waiting> waiting, CommitBatch batch, CommitInDoubtException doubt)
    {
        // Callers give up after 30 s, and the commit itself may have taken a command's time already.
        using var deadline = new CancellationTokenSource(_options.CommandTimeout, _time);
        try
        {
            for (var delay = TimeSpan.FromMilliseconds(50); ; delay *= 2)
            {
                try
                {
                    Answer(waiting, await _commits.FindOutAsync(batch, deadline.Token));
                    return;
                }
                catch (UnavailableException)
                {
                    await Task.Delay(delay, _time, deadline.Token);
                }
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            AnswerAll(waiting, new CommitOutcome(CommitStatus.Unknown, doubt));
        }
    }

    private static int RecordsOf(SessionCommit commit) => Math.Max(1, commit.CreateCount);

    /// <summary>Elsewhere: a lane has the next batch to take, and waking as many sessions as a batch has takes a while.</summary>
    private static void Answer(List<Waiting> waiting, IReadOnlyList<CommitOutcome> outcomes)
    {
        if (outcomes.Count != waiting.Count)
        {
            throw new InvalidOperationException($"A batch of {waiting.Count} commits has {outcomes.Count} outcomes.");
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            static answer =>
            {
                for (var i = 0; i < answer.Waiting.Count; i++)
                {
                    // A fault of ours may have answered it meanwhile.
                    answer.Waiting[i].Outcome.TrySetResult(answer.Outcomes[i]);
                }
            },
            (Waiting: waiting, Outcomes: outcomes),
            preferLocal: true);
    }

    private static void AnswerAll(List<Waiting> waiting, CommitOutcome outcome) =>
        waiting.ForEach(w => w.Outcome.SetResult(outcome));

    [LoggerMessage(LogLevel.Warning, "The database did not take what was accepted within {Time} of the stop; {Sessions} sessions that no batch had taken are refused")]
    private partial void LogGivenUp(int sessions, TimeSpan time);

    [LoggerMessage(LogLevel.Warning, "The outcome of a batch of {Sessions} sessions is in doubt; looking it up")]
    private partial void LogInDoubt(int sessions, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Somebody who listens to the history's meters or traces failed")]
    private partial void LogListenerFault(Exception exception);

    [LoggerMessage(LogLevel.Error, "The history writer met a fault of its own")]
    private partial void LogLaneFault(Exception exception);

    private sealed record Waiting(SessionCommit Commit, long Since)
    {
        // The sessions' continuations run on their own schedulers, never on the lane.
        public TaskCompletionSource<CommitOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
