using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Client;

/// <summary>
/// Puts the pending writes that the tasks of a step have at one moment by one call. A call costs a silo more than the writes in it do, and
/// twenty tasks that end together would stand in line for it. Nobody waits for a clock: what is there when no more comes is sent.
/// </summary>
/// <param name="put">Puts writes under a checkpoint, all or none, until it is given up.</param>
/// <param name="pause">Lets others run for a moment.</param>
internal sealed class GatheredWrites(
    Func<CheckpointReference, IReadOnlyList<NewWrite>, CancellationToken, Task<WritesResult>> put, Func<Task> pause)
{
    /// <summary>The most writes that are put together. Those of one caller are never divided.</summary>
    public const int MostWrites = 200;

    /// <summary>The most bytes of values that are put together.</summary>
    public const int MostBytes = 256 * 1024;

    /// <summary>After so many pauses without another caller nobody is waited for any longer.</summary>
    private const int QuietPauses = 2;

    private readonly Lock _lock = new();
    private Call? _open;

    /// <summary>Puts writes, with those that others put under the same checkpoint at the same moment, or alone.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="writes">The writes, which share no memory with the caller's.</param>
    /// <param name="cancellationToken">Gives up: what was not sent yet is not sent then.</param>
    /// <returns>What became of these, as if they had been put alone.</returns>
    public Task<WritesResult> PutAsync(CheckpointReference checkpoint, IReadOnlyList<NewWrite> writes, CancellationToken cancellationToken)
    {
        Call call;
        Task<WritesResult>? answer;
        Task before;
        lock (_lock)
        {
            if (_open?.TryAdd(checkpoint, writes, cancellationToken) is { } joined)
            {
                return joined.WaitAsync(cancellationToken);
            }

            // What is put again goes behind what was given before it, which it may be meant to replace.
            before = _open?.Has(checkpoint, writes) is true ? _open.Ended : Task.CompletedTask;
            call = new Call(checkpoint);
            answer = call.TryAdd(checkpoint, writes, cancellationToken);
            if (answer is not null)
            {
                _open = call;
            }
        }

        if (answer is null)
        {
            return PutAloneAsync(before, checkpoint, writes, cancellationToken);
        }

        // In nobody's context, for it is on behalf of many.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => SendAsync(call, before), CancellationToken.None);
        }

        return answer.WaitAsync(cancellationToken);
    }

    private async Task<WritesResult> PutAloneAsync(
        Task before, CheckpointReference checkpoint, IReadOnlyList<NewWrite> writes, CancellationToken cancellationToken)
    {
        await before.WaitAsync(cancellationToken);
        return await put(checkpoint, writes, cancellationToken);
    }

    private async Task SendAsync(Call call, Task before)
    {
        await before;
        for (var (quiet, seen) = (0, 1); quiet < QuietPauses && seen < MostWrites; quiet++)
        {
            await pause();
            if (call.Callers > seen)
            {
                (quiet, seen) = (-1, call.Callers);
            }
        }

        lock (_lock)
        {
            call.Close();
            _open = _open == call ? null : _open;
        }

        await call.SendAsync(put);
    }

    /// <summary>The writes of one caller, and what it is told.</summary>
    private sealed record Part(IReadOnlyList<NewWrite> Writes, TaskCompletionSource<WritesResult> Answer, CancellationToken GivenUp)
    {
        public async Task AnswerAsync(Func<CancellationToken, Task<WritesResult>> put)
        {
            try
            {
                Answer.TrySetResult(await put(GivenUp));
            }
            catch (Exception e)
            {
                Fail(e);
            }
        }

        public void Fail(Exception failure)
        {
            Answer.TrySetException(failure);

            // Whoever asked may have given up.
            _ = Answer.Task.Exception;
        }
    }

    /// <summary>The writes of some callers, on their way together. Added to under the lock, and sent when it is closed.</summary>
    private sealed class Call(CheckpointReference checkpoint)
    {
        private readonly List<Part> _parts = [];
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly HashSet<(string, int)> _keys = [];
        private long _bytes;
        private int _callers;
        private bool _isClosed;

        /// <summary>Over once all callers are answered; never an error.</summary>
        public Task Ended => _ended.Task;

        public int Callers => Volatile.Read(ref _callers);

        /// <summary>The answer to come; null if the writes have to go by another call.</summary>
        public Task<WritesResult>? TryAdd(CheckpointReference under, IReadOnlyList<NewWrite> writes, CancellationToken givenUp)
        {
            var bytes = writes.Sum(write => (long)(write?.Value.Length ?? 0));
            if (_isClosed || under != checkpoint || _keys.Count + writes.Count > MostWrites || _bytes + bytes > MostBytes
                || writes.Count == 0 || writes.Any(write => write?.Task is null) || Has(under, writes))
            {
                return null;
            }

            _keys.UnionWith(writes.Select(write => (write.Task, write.Index)));
            _bytes += bytes;
            var answer = new TaskCompletionSource<WritesResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            _parts.Add(new Part(writes, answer, givenUp));
            Volatile.Write(ref _callers, _parts.Count);
            return answer.Task;
        }

        /// <summary>True if one of some writes has the key of one that is here.</summary>
        public bool Has(CheckpointReference under, IReadOnlyList<NewWrite> writes) =>
            under == checkpoint && writes.Any(write => write?.Task is not null && _keys.Contains((write.Task, write.Index)));

        public void Close() => _isClosed = true;

        public async Task SendAsync(Func<CheckpointReference, IReadOnlyList<NewWrite>, CancellationToken, Task<WritesResult>> put)
        {
            // Who has given up goes on to something else, which these would come behind.
            var parts = _parts.FindAll(part => !part.GivenUp.IsCancellationRequested);
            if (parts.Count < 2 || !await IsAnsweredTogetherAsync(parts, put))
            {
                await Task.WhenAll(parts.Select(part => part.AnswerAsync(token => put(checkpoint, part.Writes, token))));
            }

            _ended.SetResult();
        }

        /// <summary>False if nothing was written, because of some of them or of all together: alone each is told what is its own.</summary>
        private async Task<bool> IsAnsweredTogetherAsync(
            List<Part> parts, Func<CheckpointReference, IReadOnlyList<NewWrite>, CancellationToken, Task<WritesResult>> put)
        {
            try
            {
                var result = await put(checkpoint, [.. parts.SelectMany(part => part.Writes)], CancellationToken.None);
                var answered = 0;
                foreach (var part in parts)
                {
                    part.Answer.TrySetResult(PartOf(result, answered, part.Writes.Count));
                    answered += part.Writes.Count;
                }
            }
            catch (Exception e) when (e is InvalidRequestException or OverLimitException
                or OutcomeUnknownException { InnerException: InvalidRequestException })
            {
                // What is invalid is so at each attempt: then none that went before took effect either.
                return false;
            }
            catch (Exception e)
            {
                parts.ForEach(part => part.Fail(e));
            }

            return true;
        }

        /// <summary>What was dropped has no event of its own, though that of another caller's has.</summary>
        private static WritesResult PartOf(WritesResult result, int first, int count)
        {
            WriteOutcome[] outcomes = [.. result.Outcomes.Skip(first).Take(count)];
            return outcomes.All(outcome => outcome == WriteOutcome.Kept)
                ? result with { Outcomes = outcomes, Position = null, Chain = null }
                : result with { Outcomes = outcomes };
        }
    }
}
