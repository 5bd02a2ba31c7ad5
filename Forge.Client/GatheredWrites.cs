using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Client;

/// <summary>
/// Puts the pending writes that the tasks of a step have at one moment by one call. A call costs a silo more than the writes in it do, and
/// twenty tasks that end together would stand in line for it. Nobody waits for a clock: what is there when no more comes is sent.
/// </summary>
/// <param name="put">Puts writes under a checkpoint, all or none.</param>
/// <param name="pause">Lets others run for a moment.</param>
internal sealed class GatheredWrites(
    Func<CheckpointReference, IReadOnlyList<NewWrite>, Task<WritesResult>> put, Func<Task> pause)
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
    /// <returns>What became of these, as if they had been put alone.</returns>
    public Task<WritesResult> PutAsync(CheckpointReference checkpoint, IReadOnlyList<NewWrite> writes)
    {
        lock (_lock)
        {
            if (_open is { } open && open.TryAdd(checkpoint, writes) is { } joined)
            {
                return joined;
            }

            var call = new Call(checkpoint);
            if (call.TryAdd(checkpoint, writes) is not { } first)
            {
                return put(checkpoint, writes);
            }

            _open = call;
            _ = Task.Run(() => SendAsync(call));
            return first;
        }
    }

    private async Task SendAsync(Call call)
    {
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

    /// <summary>The writes of some callers, on their way together. Added to under the lock, and sent when it is closed.</summary>
    private sealed class Call(CheckpointReference checkpoint)
    {
        private readonly List<(IReadOnlyList<NewWrite> Writes, TaskCompletionSource<WritesResult> Answer)> _parts = [];
        private readonly HashSet<(string, int)> _keys = [];
        private long _bytes;
        private int _callers;
        private bool _isClosed;

        public int Callers => Volatile.Read(ref _callers);

        /// <summary>The answer to come; null if the writes have to go by another call.</summary>
        public Task<WritesResult>? TryAdd(CheckpointReference under, IReadOnlyList<NewWrite> writes)
        {
            var bytes = writes.Sum(write => (long)(write?.Value.Length ?? 0));
            if (_isClosed || under != checkpoint || _keys.Count + writes.Count > MostWrites || _bytes + bytes > MostBytes
                || writes.Count == 0 || writes.Any(write => write?.Task is null || _keys.Contains((write.Task, write.Index))))
            {
                return null;
            }

            _keys.UnionWith(writes.Select(write => (write.Task, write.Index)));
            _bytes += bytes;
            var answer = new TaskCompletionSource<WritesResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            _parts.Add((writes, answer));
            Volatile.Write(ref _callers, _parts.Count);
            return answer.Task;
        }

        public void Close() => _isClosed = true;

        public async Task SendAsync(Func<CheckpointReference, IReadOnlyList<NewWrite>, Task<WritesResult>> put)
        {
            if (_parts is [var only])
            {
                await AnswerAsync(only.Answer, () => put(checkpoint, only.Writes));
                return;
            }

            try
            {
                var result = await put(checkpoint, [.. _parts.SelectMany(part => part.Writes)]);
                var answered = 0;
                foreach (var (writes, answer) in _parts)
                {
                    answer.SetResult(PartOf(result, answered, writes.Count));
                    answered += writes.Count;
                }
            }
            catch (Exception e) when (e is InvalidRequestException or OverLimitException)
            {
                // Nothing was written, because of some of them or of all together. Alone each is told what is its own.
                await Task.WhenAll(_parts.Select(part => AnswerAsync(part.Answer, () => put(checkpoint, part.Writes))));
            }
            catch (Exception e)
            {
                _parts.ForEach(part => part.Answer.SetException(e));
            }
        }

        private static async Task AnswerAsync(TaskCompletionSource<WritesResult> answer, Func<Task<WritesResult>> put)
        {
            try
            {
                answer.SetResult(await put());
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
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
