using System.Runtime.CompilerServices;
using Forge.Client.Portability;
using Forge.Client.Retries;
using Forge.Documents;
using Forge.Documents.Compression;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Portability;
using Forge.Sessions;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>
    /// How many pieces of at most 256 KiB one answer of a silo brings. Orleans would bring a hundred, which is 25 MiB in the
    /// memory of both sides.
    /// </summary>
    private const int PiecesPerAnswer = 4;

    /// <summary>
    /// The session as it was at one instant, line by line, each one a JSON object without its line feed: the header, then
    /// the checkpoints by rising sequence.
    /// </summary>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="StateCorruptedException">A state is not what was saved; the lines end before it.</exception>
    /// <exception cref="UnavailableException">
    /// The export broke off. It cannot go on, since another one is of another instant: begin again.
    /// </exception>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ExportAsync(CancellationToken cancellationToken = default) =>
        ExportAsync(skipDamaged: false, cancellationToken);

    /// <summary>As the other overload, without what is damaged if that is wanted.</summary>
    /// <param name="skipDamaged">
    /// True to leave out checkpoints that are damaged, or that stand on damaged ones: the header says how many there are, and of the
    /// first thousand which and why. The silo reads the session twice for it.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="StateCorruptedException">
    /// A state is not what was saved, and damaged ones are not to be left out; the lines end before it.
    /// </exception>
    /// <exception cref="UnavailableException">The export broke off: begin again.</exception>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ExportAsync(bool skipDamaged, CancellationToken cancellationToken = default) =>
        NdjsonLines.SplitAsync(ExportPiecesAsync(skipDamaged, cancellationToken), cancellationToken);

    /// <summary>
    /// Writes the session as it was at one instant, as one NDJSON document. After a failure what was written is the
    /// beginning of a document, which an import refuses.
    /// </summary>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="StateCorruptedException">A state is not what was saved; the document ends before it.</exception>
    /// <exception cref="UnavailableException">The export broke off: begin again, with a new stream.</exception>
    public Task ExportAsync(Stream destination, CancellationToken cancellationToken = default) =>
        ExportAsync(destination, DocumentCompression.None, skipDamaged: false, cancellationToken);

    /// <summary>As the other overload, compressed, and without what is damaged if that is wanted. After a failure the compressed data
    /// lacks its end.</summary>
    /// <param name="destination">Where the document goes; not closed.</param>
    /// <param name="compression">How the document is compressed.</param>
    /// <param name="skipDamaged">
    /// True to leave out checkpoints that are damaged, or that stand on damaged ones. The silo reads the session twice for it.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was left out.</returns>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="StateCorruptedException">
    /// A state is not what was saved, and damaged ones are not to be left out; the document ends before it.
    /// </exception>
    /// <exception cref="UnavailableException">The export broke off: begin again, with a new stream.</exception>
    public async Task<LeftOut> ExportAsync(
        Stream destination, DocumentCompression compression, bool skipDamaged = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var header = new HeaderWatch();
        await CompressedDocument.WriteAsync(
            destination, compression, ExportPiecesAsync(skipDamaged, cancellationToken).Select(Watched), cancellationToken);
        return header.LeftOut;

        ReadOnlyMemory<byte> Watched(byte[] piece)
        {
            if (skipDamaged)
            {
                header.Pass(piece);
            }

            return piece;
        }
    }

    /// <summary>
    /// Imports a document, all of it or nothing: one that an export gave, or that of the earlier single-process tool, plain
    /// or compressed by gzip or zstd, which shows by how it begins. Begun again if it broke off before anything became visible and the
    /// stream can be taken back to where it was.
    /// </summary>
    /// <param name="document">The document, read from where the stream is to its end; not closed.</param>
    /// <param name="cancellationToken">Gives up; the import may have taken effect if its last step was under way.</param>
    /// <exception cref="ImportRejectedException">The document is broken or does not fit; nothing was changed.</exception>
    /// <exception cref="OutcomeUnknownException">
    /// The import may have taken effect. It can be made again: what is there already, the same, is skipped.
    /// </exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public async Task<ImportResult> ImportAsync(Stream document, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(document);
        await ConfirmNewestAsync(cancellationToken);
        return Noted(await new DocumentImport(Address, () => Grain, _retrier, _time, Epoch).RunAsync(document, cancellationToken));
    }

    internal async IAsyncEnumerable<byte[]> ExportPiecesAsync(
        bool skipDamaged, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (pieces, any) = await _retrier.RunAsync(Reading, (_, _) => BeginAsync(), cancellationToken);
        await using (pieces)
        {
            while (any)
            {
                yield return pieces.Current;
                any = await NextAsync(pieces);
            }
        }

        // The enumeration lives on after the call that begins it, so it gets the caller's token and not that of the call.
        async Task<(IAsyncEnumerator<byte[]> Pieces, bool Any)> BeginAsync()
        {
            var grain = Grain;
            var begun = (skipDamaged ? grain.ExportSoundAsync(cancellationToken) : grain.ExportAsync(cancellationToken))
                .WithBatchSize(PiecesPerAnswer).GetAsyncEnumerator(cancellationToken);
            try
            {
                return (begun, await begun.MoveNextAsync());
            }
            catch
            {
                await begun.DisposeAsync();
                throw;
            }
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<byte[]> pieces)
    {
        try
        {
            return await pieces.MoveNextAsync();
        }
        catch (Exception exception) when (BrokeOff(exception))
        {
            throw new UnavailableException($"The export of session {Address} broke off before its end.", exception);
        }
    }

    private static bool BrokeOff(Exception exception) =>
        exception is not (ForgeException or OperationCanceledException)
        && Failures.Classify(exception) != FailureKind.Definite;
}
