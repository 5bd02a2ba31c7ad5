using System.Buffers;
using System.Globalization;
using Forge.Checkpoints;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Identity;
using Forge.Portability;

namespace Forge.Documents.Earlier;

/// <summary>
/// The export document of the earlier single-process tool, and what makes one of Forge's own of it. Its order is known only
/// at its end, so the checkpoints are kept aside in a file until then, and in memory are one of them and what they are
/// ordered by. First all of it is read, then it is written anew.
/// </summary>
internal sealed class EarlierDocument : IDisposable
{
    private const string Version = "1.0";

    // What is held of each in memory comes to some 50 bytes.
    private const int MaxCheckpoints = 1_000_000;
    private const int MaxIgnored = 16;

    private readonly EarlierLimits _limits;
    private readonly EarlierDocumentCutter _cutter;
    private readonly EarlierSpool _spool = new();
    private readonly EarlierOrder _order = new();
    private readonly SortedSet<string> _ignored = new(StringComparer.Ordinal);
    private long _bytes;
    private string _session = "";
    private bool _reordered;

    public EarlierDocument(EarlierLimits limits)
    {
        _limits = limits;
        _cutter = new EarlierDocumentCutter(limits.CheckpointBytes) { Ignore = Ignore };
    }

    /// <summary>The names of the document's own properties.</summary>
    public static IReadOnlyList<string> Names { get; } = ["version", "session_id", "exported_at", "checkpoints"];

    /// <summary>What was changed; null until all was written.</summary>
    public EarlierImportReport? Report { get; private set; }

    /// <summary>Reads the next piece, cut anywhere; its bytes are not used after the returned task has completed.</summary>
    /// <exception cref="ImportRejectedException">The document is broken.</exception>
    /// <exception cref="OverLimitException">It is too long.</exception>
    public async Task ReadAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        _bytes += piece.Length;
        if (_bytes > _limits.DocumentBytes)
        {
            throw new OverLimitException("import", _limits.DocumentBytes, _bytes, "bytes");
        }

        await KeepAsync(_cutter.Cut(piece.Span, whole: false), cancellationToken);
    }

    /// <summary>Says that the document ended, and puts it in order.</summary>
    /// <exception cref="ImportRejectedException">It is broken, or no such document.</exception>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await KeepAsync(_cutter.Cut(default, whole: true), cancellationToken);
        _session = RequireMembers();
        _reordered = _order.Settle();
    }

    /// <summary>
    /// Writes it as a document of Forge's own, and stops after each line, so that what was written so far can be sent.
    /// </summary>
    /// <param name="address">The session that it goes into.</param>
    /// <param name="now">The time that nothing in it may be much later than, by the clock of whoever takes it in.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async IAsyncEnumerable<long> WriteAsync(
        SessionAddress address, DateTimeOffset now, IBufferWriter<byte> output,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var renewal = new EarlierRenewal(address, now, ExportedAt, _session, _order.Count);
        var writer = new SessionDocumentWriter(output);
        writer.Write(renewal.Header(_order.FirstAt));
        var line = 1L;
        foreach (var (place, part) in _order.Parts)
        {
            var json = await _spool.ReadAsync(part, cancellationToken);
            writer.Write(Checked(place, () => renewal.Renew(Parse(json), place)));
            yield return ++line;
        }

        Report = renewal.Report(_reordered, [.. _ignored]);
    }

    /// <summary>What a refusal of what was written means to whoever has the document: not a line of it, but a checkpoint.</summary>
    public ImportRejectedException Explain(ImportRejectedException refusal) =>
        refusal.Line > 1 && refusal.Line - 2 < _order.Count
            ? Rejected(_order.PlaceOf((int)refusal.Line - 2), refusal.Problem, refusal)
            : refusal;

    public void Dispose() => _spool.Dispose();

    private async Task KeepAsync(IReadOnlyList<ReadOnlyMemory<byte>> checkpoints, CancellationToken cancellationToken)
    {
        foreach (var json in checkpoints)
        {
            if (_order.Count == MaxCheckpoints)
            {
                throw new OverLimitException("checkpoints", MaxCheckpoints, MaxCheckpoints + 1L, "records");
            }

            // Read in full already, so that a broken document is refused before any of it was sent.
            var checkpoint = Checked(_order.Count, () => Parse(json));
            _order.Add(checkpoint.Number, checkpoint.At.ToMicroseconds(), await _spool.WriteAsync(json, cancellationToken));
        }
    }

    private EarlierCheckpoint Parse(ReadOnlyMemory<byte> json)
    {
        var checkpoint = EarlierCheckpoint.Parse(json, _limits.Tags, Ignore);
        _limits.Require(checkpoint);
        return checkpoint;
    }

    /// <summary>When it was written, as it says; null if it does not say so in a way that can be read.</summary>
    private DateTimeOffset? ExportedAt => DateTimeOffset.TryParse(
        _cutter.Members.GetValueOrDefault("exported_at"), CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private string RequireMembers()
    {
        if (_cutter.Members.GetValueOrDefault("version") is not Version)
        {
            throw new ImportRejectedException(0, $"its version must be \"{Version}\"");
        }

        if (!_cutter.HasCheckpoints)
        {
            throw new ImportRejectedException(0, "it has no checkpoints");
        }

        return _cutter.Members.GetValueOrDefault("session_id") is { Length: > 0 and <= 200 } session
            ? session
            : throw new ImportRejectedException(0, "its session_id must be a text of 1 to 200 characters");
    }

    private void Ignore(string name)
    {
        if (_ignored.Count < MaxIgnored && name.Length <= 100)
        {
            _ignored.Add(name);
        }
    }

    private static T Checked<T>(long place, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ForgeException exception) when (exception is InvalidRequestException or OverLimitException)
        {
            throw Rejected(place, exception.Message.TrimEnd('.'), exception);
        }
    }

    private static ImportRejectedException Rejected(long place, string problem, Exception cause) =>
        new(0, $"checkpoint {place} of it: {problem}", cause);
}
