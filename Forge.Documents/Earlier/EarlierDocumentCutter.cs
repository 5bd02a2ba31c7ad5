using System.Text.Json;
using Forge.Errors;

namespace Forge.Documents.Earlier;

/// <summary>
/// Cuts the one JSON object that the earlier tool wrote into its checkpoints while it arrives. No more than one checkpoint
/// and one piece are in memory.
/// </summary>
/// <param name="longest">The longest checkpoint, in bytes.</param>
internal sealed class EarlierDocumentCutter(long longest)
{
    private readonly List<ReadOnlyMemory<byte>> _cut = [];
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _worthReading;
    private Place _place;
    private string _name = "";
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = EarlierCheckpoint.MaxDepth });

    private enum Place
    {
        Before,
        Members,
        Value,
        Checkpoints,
        After,
    }

    /// <summary>How many checkpoints were cut.</summary>
    public long Count { get; private set; }

    /// <summary>The values of <c>version</c>, <c>session_id</c> and <c>exported_at</c> so far, if they are texts.</summary>
    public Dictionary<string, string?> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>True if the document has the checkpoints' array.</summary>
    public bool HasCheckpoints { get; private set; }

    /// <summary>Is told each property that is not known.</summary>
    public Action<string> Ignore { get; init; } = _ => { };

    /// <summary>Takes the next piece, and gives the checkpoints that it completes; they are good until the next call.</summary>
    /// <param name="piece">The bytes.</param>
    /// <param name="whole">True if nothing comes after it.</param>
    /// <exception cref="ImportRejectedException">The document is broken.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> Cut(ReadOnlySpan<byte> piece, bool whole)
    {
        _cut.Clear();
        Append(piece);
        if (!whole && _end - _start < _worthReading)
        {
            return _cut;
        }

        try
        {
            while (Step(whole))
            {
                // Each step takes one token or one checkpoint.
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ImportRejectedException(0, $"it is broken after {Count} checkpoints: {exception.Message.TrimEnd('.')}", exception);
        }

        // What is left is read again from its beginning, so it is worth it only when there is twice as much.
        _worthReading = (_end - _start) * 2;
        if (_end - _start > longest)
        {
            throw new ImportRejectedException(0, $"checkpoint {Count} of it is longer than {longest} bytes");
        }

        return whole && _place != Place.After ? throw new ImportRejectedException(0, "it ends before its end") : _cut;
    }

    private bool Step(bool whole)
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), whole, _state);
        if (!reader.Read() || !Take(ref reader))
        {
            return false;
        }

        _state = reader.CurrentState;
        _start += (int)reader.BytesConsumed;
        return true;
    }

    /// <summary>Takes a token with what belongs to it; false if that is not there yet.</summary>
    private bool Take(ref Utf8JsonReader reader)
    {
        switch (_place)
        {
            case Place.Before when reader.TokenType == JsonTokenType.StartObject:
                _place = Place.Members;
                return true;
            case Place.Members when reader.TokenType == JsonTokenType.PropertyName:
                (_name, _place) = (reader.GetString()!, Place.Value);
                return true;
            case Place.Members:
                _place = Place.After;
                return true;
            case Place.Value:
                return TakeValue(ref reader);
            case Place.Checkpoints when reader.TokenType == JsonTokenType.EndArray:
                _place = Place.Members;
                return true;
            case Place.Checkpoints when reader.TokenType == JsonTokenType.StartObject:
                return TakeCheckpoint(ref reader);
            case Place.Checkpoints:
                throw new ImportRejectedException(0, $"checkpoint {Count} of it is not an object");
            default:
                throw new ImportRejectedException(0, "it is not one JSON object");
        }
    }

    private bool TakeValue(ref Utf8JsonReader reader)
    {
        if (_name == "checkpoints")
        {
            if (HasCheckpoints || reader.TokenType != JsonTokenType.StartArray)
            {
                throw new ImportRejectedException(0, HasCheckpoints ? "it has checkpoints twice" : "its checkpoints are not an array");
            }

            (HasCheckpoints, _place) = (true, Place.Checkpoints);
            return true;
        }

        if (_name is "version" or "session_id" or "exported_at")
        {
            if (!Members.TryAdd(_name, reader.TokenType == JsonTokenType.String ? reader.GetString() : null))
            {
                throw new ImportRejectedException(0, $"it has {_name} twice");
            }
        }
        else
        {
            Ignore(_name);
        }

        if (!reader.TrySkip())
        {
            Members.Remove(_name);
            return false;
        }

        _place = Place.Members;
        return true;
    }

    private bool TakeCheckpoint(ref Utf8JsonReader reader)
    {
        var start = _start + (int)reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return false;
        }

        _cut.Add(_buffer.AsMemory(start, _start + (int)reader.BytesConsumed - start));
        Count++;
        return true;
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        var left = _end - _start;
        if (left + piece.Length > _buffer.Length)
        {
            var larger = new byte[Math.Max(left + piece.Length, _buffer.Length * 2)];
            _buffer.AsSpan(_start, left).CopyTo(larger);
            _buffer = larger;
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, left).CopyTo(_buffer);
        }

        (_start, _end) = (0, left + piece.Length);
        piece.CopyTo(_buffer.AsSpan(left));
    }
}
