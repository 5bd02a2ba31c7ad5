using System.Runtime.CompilerServices;
using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    private GatheredWrites Gathered
    {
        get
        {
            if (field is null)
            {
                Interlocked.CompareExchange(
                    ref field,
                    new((checkpoint, writes, token) => RunAsync(new PutWrites(checkpoint, writes), null, token), async () => await Task.Yield()),
                    null);
            }

            return field;
        }
    }

    /// <summary>
    /// Puts pending writes of a step's tasks under the checkpoint that the step began from: all of them, as the mode of each says, or none.
    /// Their values are copied before the call returns its task. What is put under one checkpoint at the same moment, without a request id, goes
    /// to the silo together; each call is answered as if it had been alone.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="writes">The writes: 1 to 1,000 by default, no two with the same task and index.</param>
    /// <param name="options">The request id; null to have one made.</param>
    /// <param name="cancellationToken">Gives up waiting; what was begun still ends.</param>
    /// <exception cref="CheckpointNotFoundException">The checkpoint is not there.</exception>
    /// <exception cref="InvalidRequestException">There are none, two have the same key, or a value is bad.</exception>
    /// <exception cref="OverLimitException">There are too many, or one is too large.</exception>
    public Task<WritesResult> PutWritesAsync(
        CheckpointReference checkpoint,
        IReadOnlyList<NewWrite> writes,
        ChangeOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(writes);
        var (under, copies) = (Own(checkpoint), CopyOf(writes)!);
        return cancellationToken.IsCancellationRequested ? Task.FromCanceled<WritesResult>(cancellationToken)
            : options?.RequestId is null ? Gathered.PutAsync(under, copies, cancellationToken)
            : RunAsync(new PutWrites(under, copies), options, cancellationToken);
    }

    /// <summary>The pending writes of a checkpoint, by task and index. Reads a page at a time, each of its own instant.</summary>
    /// <param name="checkpoint">The checkpoint. The latest or the current one is looked up once, for the first page.</param>
    /// <param name="pageItems">The most of a page; the silo allows 1,000 by default.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="CheckpointNotFoundException">The checkpoint is not there, or not any more.</exception>
    /// <exception cref="StateCorruptedException">A write is not what was written.</exception>
    public async IAsyncEnumerable<PendingWrite> WritesAsync(
        CheckpointReference checkpoint, int pageItems = 100, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (named, cursor) = (Own(checkpoint), (string?)null);
        do
        {
            var page = await RunAsync(new ListWrites(named, pageItems, cursor), cancellationToken)
                ?? throw new CheckpointNotFoundException(Address, named.ToString());
            foreach (var write in page.Items)
            {
                yield return write;
            }

            (named, cursor) = (page.Checkpoint.Sequence, page.Next);
        }
        while (cursor is not null);
    }

    /// <summary>A pending write whose value is turned into bytes by the serializer of this handle.</summary>
    /// <param name="task">The task.</param>
    /// <param name="index">Its place among the writes of its task.</param>
    /// <param name="name">What it is of.</param>
    /// <param name="value">The value.</param>
    /// <param name="mode">What it does where one is there under its key.</param>
    public NewWrite NewWrite<T>(string task, int index, string name, T value, WriteMode mode = WriteMode.First) => new()
    {
        Task = task,
        Index = index,
        Name = name,
        Value = _serializer.Serialize(value),
        ContentType = _serializer.ContentType,
        Mode = mode,
    };

    /// <summary>Writes that share no memory with the caller's; null for null.</summary>
    internal static NewWrite[]? CopyOf(IReadOnlyList<NewWrite>? writes) =>
        writes?.Select(write => write is null ? write! : write with { Value = write.Value.ToArray() }).ToArray();
}
