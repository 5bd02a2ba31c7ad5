using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Forge.Silo.Rpc;

/// <summary>
/// The answer of a call: what its operation writes as the body of a response is kept in pieces, which count in a room, and is sent as the
/// result without being read.
/// </summary>
internal sealed class RpcAnswer(RpcBudget.RpcRoom room) : PipeWriter, IHttpResponseBodyFeature, IDisposable
{
    private const int FirstPiece = 4 * 1024;
    private const int LargestPiece = 128 * 1024;

    /// <summary>So many bytes at a time become base 64: a multiple of three.</summary>
    private const int Encoded = 48 * 1024;

    private readonly List<byte[]> _pieces = [];
    private readonly List<int> _lengths = [];
    private long _rented;
    private string? _contentType;
    private Stream? _stream;

    /// <summary>True if there was no room for all of it.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>What an operation has come to whose answer found no room; null if that is not what it ended with, or nothing was changed.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="isDone">True if it ended well, and what went wrong came behind it.</param>
    public Problem? ProblemOf(RpcOperation operation, bool isDone = false) => (IsRefused || isDone) && operation.Changes
        ? new Problem(
            StatusCodes.Status503ServiceUnavailable, "outcome_unknown", "The change may have taken effect; there was no room for its answer.")
        : null;

    /// <summary>The bytes that were written.</summary>
    public long Length { get; private set; }

    /// <inheritdoc/>
    public Stream Stream => _stream ??= AsStream(leaveOpen: true);

    /// <inheritdoc/>
    public PipeWriter Writer => this;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => 0;

    /// <summary>Lets what was written be bytes of a media type, which are told in base 64.</summary>
    public void BecomeBytes(string contentType) => _contentType = contentType;

    /// <summary>Lets it say a status alone, of a response without a body.</summary>
    public void BecomeStatus(int status) => this.Write(Encoding.UTF8.GetBytes($$"""{"status":{{status}}}"""));

    /// <summary>The result in JSON, in pieces that are good until the next is asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces() => _contentType is { } type ? EncodedPieces(type) : Written();

    /// <summary>What was written, as one.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        var at = 0;
        foreach (var piece in Written())
        {
            piece.CopyTo(bytes.AsMemory(at));
            at += piece.Length;
        }

        return bytes;
    }

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        var wanted = Math.Max(sizeHint, 1);
        if (_pieces.Count == 0 || _pieces[^1].Length - _lengths[^1] < wanted)
        {
            // Not pooled if it is large: the pool would give up to twice of what is wanted, and keep it for each thread.
            var size = Math.Max(wanted, (int)Math.Clamp(_rented, FirstPiece, LargestPiece));
            size = size <= LargestPiece ? (int)BitOperations.RoundUpToPowerOf2((uint)size) : size;
            IsRefused = true;
            room.Resize(_rented + size);
            IsRefused = false;
            _rented += size;
            _pieces.Add(size <= LargestPiece ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size));
            _lengths.Add(0);
        }

        return _pieces[^1].AsMemory(_lengths[^1]);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        _lengths[^1] += bytes;
        Length += bytes;
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(default(FlushResult));
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
        // No flush is ever pending.
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        // Whoever asked for the answer knows when it is whole.
    }

    /// <inheritdoc/>
    public void DisableBuffering()
    {
        // An answer is one message.
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    /// <inheritdoc/>
    public Task CompleteAsync() => Task.CompletedTask;

    /// <summary>Gives back what it holds.</summary>
    public void Dispose()
    {
        foreach (var piece in _pieces.Where(piece => piece.Length <= LargestPiece))
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        _pieces.Clear();
        _lengths.Clear();
        (_rented, Length) = (0, 0);
        room.Dispose();
    }

    private IEnumerable<ReadOnlyMemory<byte>> Written()
    {
        for (var i = 0; i < _pieces.Count; i++)
        {
            yield return _pieces[i].AsMemory(0, _lengths[i]);
        }
    }

    private IEnumerable<ReadOnlyMemory<byte>> EncodedPieces(string contentType)
    {
        yield return Encoding.UTF8.GetBytes($$"""{"contentType":{{JsonSerializer.Serialize(contentType)}},"base64":" """.TrimEnd());
        var (plain, encoded) = (ArrayPool<byte>.Shared.Rent(Encoded), ArrayPool<byte>.Shared.Rent(Base64.GetMaxEncodedToUtf8Length(Encoded)));
        try
        {
            var held = 0;
            foreach (var piece in Written())
            {
                for (var rest = piece; !rest.IsEmpty;)
                {
                    var taken = Math.Min(rest.Length, Encoded - held);
                    rest[..taken].CopyTo(plain.AsMemory(held));
                    (rest, held) = (rest[taken..], held + taken);
                    if (held == Encoded)
                    {
                        yield return Encode(plain, held, encoded);
                        held = 0;
                    }
                }
            }

            yield return Encode(plain, held, encoded);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
            ArrayPool<byte>.Shared.Return(encoded);
        }

        yield return "\"}"u8.ToArray();
    }

    private static ReadOnlyMemory<byte> Encode(byte[] plain, int length, byte[] encoded)
    {
        Base64.EncodeToUtf8(plain.AsSpan(0, length), encoded, out _, out var written);
        return encoded.AsMemory(0, written);
    }
}
