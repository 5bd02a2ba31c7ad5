using System.Text.Json;
using Forge.Errors;
using Forge.History.Rows;
using Forge.Portability;

namespace Forge.Grains.Portability;

/// <summary>
/// The export document of the earlier single-process tool. Its order is known only at its end, so the checkpoints are
/// kept aside in a file until then, and in memory are one of them and what they are ordered by.
/// </summary>
internal sealed class EarlierDocument : IImportDocument
{
    private const string Version = "1.0";

    // What is held of each in memory comes to some 50 bytes.
    private const int MaxCheckpoints = 1_000_000;
    private const int MaxIgnored = 16;

    private static readonly string[] Names = ["version", "session_id", "exported_at", "checkpoints"];

    private readonly ImportRules _rules;
    private readonly EarlierDocumentCutter _cutter;
    private readonly EarlierSpool _spool = new();
    private readonly EarlierOrder _order = new();
    private readonly SortedSet<string> _ignored = new(StringComparer.Ordinal);

    public EarlierDocument(ImportRules rules)
    {
        _rules = rules;
        _cutter = new EarlierDocumentCutter(rules.Rules.LongestLine) { Ignore = Ignore };
    }

    public DocumentHeader? Header { get; private set; }

    public EarlierImportReport? Report { get; private set; }

    /// <summary>True where the name that a reader is at is one of the document's own.</summary>
    public static bool Knows(ref Utf8JsonReader reader)
    {
        foreach (var name in Names)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    public async Task ReadAsync(
        ReadOnlyMemory<byte> piece, Func<StoredCheckpoint, Task> add, CancellationToken cancellationToken) =>
        await KeepAsync(_cutter.Cut(piece.Span, whole: false), cancellationToken);

    public async Task EndAsync(Func<StoredCheckpoint, Task> add, CancellationToken cancellationToken)
    {
        await KeepAsync(_cutter.Cut(default, whole: true), cancellationToken);
        var session = RequireMembers();
        var reordered = _order.Settle();
        var renewal = new EarlierRenewal(_rules, session, _order.Count);
        Header = renewal.Header(_order.FirstAt);
        foreach (var (place, part) in _order.Parts)
        {
            var json = await _spool.ReadAsync(part, cancellationToken);
            await add(Checked(place, () => renewal.Renew(Parse(json), place)));
        }

        Report = renewal.Report(reordered, [.. _ignored]);
    }

    public void Dispose() => _spool.Dispose();

    private async Task KeepAsync(IReadOnlyList<ReadOnlyMemory<byte>> checkpoints, CancellationToken cancellationToken)
    {
        foreach (var json in checkpoints)
        {
            if (_order.Count == MaxCheckpoints)
            {
                throw new OverLimitException("checkpoints", MaxCheckpoints, MaxCheckpoints + 1L, "records");
            }

            // Read in full already, so that a broken document is refused before much of it was sent.
            var checkpoint = Checked(_order.Count, () => Parse(json));
            _order.Add(checkpoint.Number, checkpoint.At.ToMicroseconds(), await _spool.WriteAsync(json, cancellationToken));
        }
    }

    private EarlierCheckpoint Parse(ReadOnlyMemory<byte> json) =>
        EarlierCheckpoint.Parse(json, _rules.Rules.Limits.Tags, Ignore);

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
            throw new ImportRejectedException(0, $"checkpoint {place} of it: {exception.Message.TrimEnd('.')}", exception);
        }
    }
}
