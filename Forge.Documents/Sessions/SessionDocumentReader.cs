using System.Buffers;
using System.Text;
using Forge.Checkpoints;
using Forge.Documents.Json;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Documents.Sessions;

/// <summary>
/// Reads the lines of a session's document, one at a time, and refuses whatever could not have been written. Walks each
/// line without building a tree of it, so that a line costs its own length whatever is in it.
/// </summary>
internal sealed class SessionDocumentReader(DocumentLimits limits, Action<DocumentHeader>? takeHeader = null)
{
    private long _lastSequence;
    private long _checkpoints;
    private long _writes;
    private long _effects;
    private DateTimeOffset _lastCreatedAt;

    /// <summary>How many lines were read.</summary>
    public long Line { get; private set; }

    /// <summary>What bounds the reading.</summary>
    public DocumentLimits Limits => limits;

    /// <summary>The header; null before the first line.</summary>
    public DocumentHeader? Header { get; private set; }

    /// <summary>The pending write that the line is that was read last; null if it is none.</summary>
    public DocumentWrite? Write { get; private set; }

    /// <summary>The effect of the line that was read last; null if it was none.</summary>
    public DocumentEffect? Effect { get; private set; }

    /// <summary>Reads the next line, without its line feed; null for the header, a pending write and an effect.</summary>
    /// <exception cref="ImportRejectedException">The line is not what may stand here.</exception>
    public DocumentCheckpoint? Read(ReadOnlyMemory<byte> line)
    {
        Line++;
        Write = null;
        return Checked(() =>
        {
            // No document of an earlier version has such lines, and none of its lines is looked at twice.
            if (Header is { Writes: > 0 } && JsonObjectReader.FirstName(line.Span) == WriteLine.First)
            {
                Write = JsonObjectReader.Read(line, "", ReadWrite, SessionDocument.MaxDepth);
                return null;
            }

            if (Header is { Effects: > 0 } && _checkpoints == Header.Count)
            {
                Effect = JsonObjectReader.Read(line, "", ReadEffect, SessionDocument.MaxDepth);
                return null;
            }

            if (Header is not null)
            {
                return JsonObjectReader.Read(line, "", ReadCheckpoint, SessionDocument.MaxDepth);
            }

            Header = JsonObjectReader.Read(line, "", ReadHeader, SessionDocument.MaxDepth);
            takeHeader?.Invoke(Header);
            return null;
        });
    }

    /// <summary>Looks at what the line that was read last says; what is wrong with it is an error of that line.</summary>
    /// <exception cref="ImportRejectedException">A value of it is bad.</exception>
    public T Checked<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ForgeException exception) when (exception is InvalidRequestException or OverLimitException)
        {
            throw Rejected(exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>Says that the document ended.</summary>
    /// <exception cref="ImportRejectedException">It is shorter than its header says.</exception>
    public void End()
    {
        if (Header is null)
        {
            throw new ImportRejectedException(0, "it is empty");
        }

        if (_checkpoints != Header.Count)
        {
            throw new ImportRejectedException(0, $"it has {_checkpoints} checkpoints where its header says {Header.Count}");
        }

        if (_writes != Header.Writes)
        {
            throw new ImportRejectedException(0, $"it has {_writes} pending writes where its header says {Header.Writes}");
        }

        if (_effects != Header.Effects)
        {
            throw new ImportRejectedException(0, $"it has {_effects} effects where its header says {Header.Effects}");
        }
    }

    /// <summary>The error of a line that is not what it should be: of the one that was read last.</summary>
    public ImportRejectedException Rejected(string problem, Exception? cause = null) => new(Line, problem, cause);

    /// <summary>The error of a line that lacks a property: of the one that was read last.</summary>
    public ImportRejectedException Missing(string name) => Rejected($"has no {name}");

    /// <summary>The value as a time, none further in the future than is taken.</summary>
    /// <exception cref="ImportRejectedException">It is null, or later than the latest that is taken.</exception>
    public DateTimeOffset ReadTime(ref JsonObjectReader reader) =>
        reader.Time() is not { } time ? throw Missing(reader.Field)
        : time <= limits.Latest ? time
        : throw Rejected($"has {reader.Field} {time:O}, more than {SessionDocument.ClockTolerance.TotalDays} days in the future");

    private DocumentHeader ReadHeader(ref JsonObjectReader reader)
    {
        (string? kind, long? version, string? settings, byte[]? chain, var earlier) = (null, null, null, null, false);
        DocumentOrigin? origin = null;
        (DateTimeOffset? exportedAt, DateTimeOffset? createdAt) = (null, null);
        (long? count, long? lastSequence, long? lastPosition, long? current, long? claimEpoch) = (null, null, null, null, null);
        (long? writes, long? effects) = (null, null);
        List<KeyValuePair<string, long>> branches = [];
        while (reader.Next(out var name))
        {
            switch (name)
            {
                // These two come first, so that a later version is named as such before anything else of it is looked at.
                case "forge": kind = RequireKind(reader.String()); break;
                case "version": version = RequireVersion(reader.Integer()); break;
                case "tenant" or "session": reader.String(); break;
                case "head": reader.Integer(); break;
                case "leftOut": reader.Raw(); break;
                case "exportedAt": exportedAt = ReadTime(ref reader); break;
                case "createdAt": createdAt = ReadTime(ref reader); break;
                case "count": count = reader.Integer(); break;
                case "writes": writes = RequireWrites(reader.Integer()); break;
                case "lastSequence": lastSequence = reader.Integer(); break;
                case "lastPosition": lastPosition = reader.Integer(); break;
                case "current": current = reader.Integer(); break;
                case "branches": branches = reader.Objects(ReadBranch, limits.Branches); break;
                case "effects": effects = reader.Integer(); break;
                case "claimEpoch": claimEpoch = RequireEpoch(reader.Integer()); break;
                case "chain": chain = ReadChain(reader.String() ?? throw Missing("chain")); break;
                case "origin":
                    origin = JsonObjectReader.Read(reader.Object() ?? throw Missing("origin"), "origin.", ReadOrigin);
                    break;
                case "earlier": earlier = reader.Boolean(); break;
                case "settings": settings = Encoding.UTF8.GetString(reader.Raw().Span); break;
                default: reader.RefuseUnknown(); break;
            }
        }

        _ = kind ?? throw Rejected("is not the header of a session's export");
        _ = version ?? throw Missing("version");
        if ((writes ?? effects) is not null && version < SessionDocument.Version)
        {
            throw Rejected(
                $"has {(writes is null ? "effects" : "writes")}, which a document has from version {SessionDocument.Version} on");
        }

        var header = new DocumentHeader
        {
            ExportedAt = exportedAt ?? throw Missing("exportedAt"),
            CreatedAt = createdAt ?? throw Missing("createdAt"),
            Count = count ?? throw Missing("count"),
            Writes = writes ?? 0,
            LastSequence = lastSequence ?? throw Missing("lastSequence"),
            LastPosition = lastPosition ?? throw Missing("lastPosition"),
            Current = current ?? throw Missing("current"),
            Branches = ToBranches(branches),
            Chain = chain,
            ClaimEpoch = claimEpoch,
            Effects = effects ?? 0,
            Origin = origin,
            Settings = settings,
            IsEarlier = earlier,
        };
        return header.Count >= 0 && header.Effects >= 0 && header.Effects <= limits.Effects && header.LastSequence >= header.Count && header.LastSequence < long.MaxValue / 2
            && header.LastPosition is >= 0 and < long.MaxValue / 2
            && header.Branches.Values.Append(header.Current).All(sequence => sequence >= 0 && sequence <= header.LastSequence)
            ? header
            : throw Rejected("has counts or sequences that do not fit each other");
    }

    private KeyValuePair<string, long> ReadBranch(ref JsonObjectReader reader)
    {
        (string? branch, long? current) = (null, null);
        while (reader.Next(out var name))
        {
            switch (name)
            {
                case "branch": branch = reader.String(); break;
                case "current": current = reader.Integer(); break;
                default: reader.RefuseUnknown(); break;
            }
        }

        return new(BranchNames.Require(branch ?? throw Missing("branch")), current ?? throw Missing("current"));
    }

    private Dictionary<string, long> ToBranches(List<KeyValuePair<string, long>> read)
    {
        var branches = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (branch, current) in read)
        {
            if (branch == BranchNames.Main || !branches.TryAdd(branch, current))
            {
                throw Rejected($"names branch {branch} twice, or main, which it says the current checkpoint of elsewhere");
            }
        }

        return branches;
    }

    private DocumentOrigin ReadOrigin(ref JsonObjectReader reader)
    {
        (string? session, long? sequence, string? id, byte[]? chain) = (null, null, null, null);
        while (reader.Next(out var name))
        {
            switch (name)
            {
                case "session": session = reader.String(); break;
                case "sequence": sequence = reader.Integer(); break;
                case "id": id = reader.String(); break;
                case "chain": chain = ReadChain(reader.String() ?? throw Missing("origin.chain")); break;
                default: reader.RefuseUnknown(); break;
            }
        }

        return new DocumentOrigin(
            SessionId.Parse(session ?? throw Missing("origin.session")),
            sequence is > 0 ? sequence.Value : throw Rejected("has an origin without a sequence from 1"),
            CheckpointId.Parse(id ?? throw Missing("origin.id")),
            chain);
    }

    private DocumentCheckpoint ReadCheckpoint(ref JsonObjectReader reader)
    {
        if (++_checkpoints > Header!.Count)
        {
            throw Rejected($"comes after the {Header.Count} checkpoints that the header says");
        }

        var checkpoint = CheckpointLine.Read(ref reader, this);
        Place(checkpoint.Summary);
        RequireRising(checkpoint.Annotations);
        return checkpoint;
    }

    private DocumentWrite ReadWrite(ref JsonObjectReader reader) =>
        _lastSequence == 0 ? throw Rejected("is a pending write before any checkpoint")
        : _effects > 0 ? throw Rejected("is a pending write behind an effect")
        : ++_writes > Header!.Writes ? throw Rejected($"comes after the {Header.Writes} pending writes that the header says")
        : WriteLine.Read(ref reader, _lastSequence, this);

    private DocumentEffect ReadEffect(ref JsonObjectReader reader)
    {
        if (++_effects > Header!.Effects)
        {
            throw Rejected($"comes after the {Header.Effects} effects that the header says");
        }

        var effect = EffectLine.Read(ref reader, this);
        return string.CompareOrdinal(effect.Key, Effect?.Key) <= 0
            ? throw Rejected("has an effect whose key does not come after that of the effect above it")
            : effect.FirstAfter < 0 || effect.After < effect.FirstAfter || effect.After > Header.LastSequence || effect.Epoch is < 1 or > long.MaxValue / 2
                ? throw Rejected("has an effect whose epoch or place can be none")
                : effect;
    }

    private byte[] ReadChain(string hex)
    {
        var value = new byte[SessionDocument.ChainBytes];
        return Convert.FromHexString(hex, value, out _, out var written) == OperationStatus.Done && written == value.Length
            ? value
            : throw Rejected($"has a chain that is not {value.Length} bytes in hexadecimal digits");
    }

    private void Place(CheckpointSummary checkpoint)
    {
        var (sequence, parent) = (checkpoint.Sequence, checkpoint.Parent ?? 0);
        if (sequence <= _lastSequence || sequence > Header!.LastSequence || parent < 0 || parent >= sequence)
        {
            throw Rejected(
                $"has sequence {sequence} and parent {parent}; sequences rise, up to {Header!.LastSequence}, and a parent comes before");
        }

        var before = 0L;
        foreach (var required in checkpoint.Requires)
        {
            if (required <= before || required >= sequence)
            {
                throw Rejected($"has sequence {sequence} and requires {required}; what is required rises, and comes before");
            }

            before = required;
        }

        if (checkpoint.CreatedAt < _lastCreatedAt)
        {
            throw Rejected("was created before the checkpoint above it");
        }

        (_lastSequence, _lastCreatedAt) = (sequence, checkpoint.CreatedAt);
    }

    private void RequireRising(IReadOnlyList<Annotation> notes)
    {
        var last = -1L;
        foreach (var note in notes)
        {
            if (note.Position <= last || note.Position > Header!.LastPosition)
            {
                throw Rejected("has annotations whose positions do not rise, or pass the header's");
            }

            last = note.Position;
        }
    }

    private long RequireEpoch(long? epoch) =>
        epoch is >= 1 and < long.MaxValue / 2 and { } value ? value : throw Rejected("has a claimEpoch that can be none");

    private long RequireWrites(long? writes) =>
        writes is >= 0 and < long.MaxValue / 2 and { } value ? value : throw Rejected("has writes that can be none");

    private string RequireKind(string? kind) =>
        kind == SessionDocument.Kind ? kind
        : kind == "tenant" ? throw Rejected("begins an export of many sessions, where one session's is expected")
        : throw Rejected("is not the header of a session's export");

    private long RequireVersion(long? version) =>
        version is >= SessionDocument.FirstVersion and <= SessionDocument.Version
            ? version.Value
            : throw Rejected($"has version {version}; this silo reads versions {SessionDocument.FirstVersion} to {SessionDocument.Version}");
}
