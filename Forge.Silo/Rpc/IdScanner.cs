using StreamJsonRpc;

namespace Forge.Silo.Rpc;

/// <summary>
/// Finds the id of a message that passes by in pieces and is not kept, so that its caller can be told that there was no room for it. It
/// holds nothing but the id, wherever that stands.
/// </summary>
internal sealed class IdScanner
{
    private const int MaxBytes = 2 * 1024;

    private readonly List<byte> _token = [];
    private int _depth;
    private bool _inString;
    private bool _isEscaped;
    private bool _isName;
    private bool _isId;
    private byte[]? _found;

    /// <summary>The id of what has passed; that of nothing if none was found.</summary>
    public RequestId Id => _found is { } json ? RpcEnvelope.ReadId(json) : default;

    /// <summary>Looks at the next piece.</summary>
    public void Pass(ReadOnlySpan<byte> piece)
    {
        foreach (var value in piece)
        {
            if (_inString)
            {
                PassString(value);
            }
            else
            {
                PassOther(value);
            }
        }
    }

    private void PassString(byte value)
    {
        Keep(value);
        if (_isEscaped)
        {
            _isEscaped = false;
        }
        else if (value == '\\')
        {
            _isEscaped = true;
        }
        else if (value == '"')
        {
            _inString = false;
            if (_depth == 1 && _isName)
            {
                _isId = _found is null && _token.SequenceEqual("\"id\""u8.ToArray());
                _token.Clear();
            }
        }
    }

    private void PassOther(byte value)
    {
        switch ((char)value)
        {
            case '"':
                _inString = true;
                Keep(value);
                break;
            case '{' or '[':
                _isId = false;
                _depth++;
                _isName = _depth == 1 && value == '{';
                break;
            case '}' or ']':
                End();
                _depth--;
                break;
            case ',' when _depth == 1:
                End();
                _isName = true;
                break;
            case ':' when _depth == 1:
                _isName = false;
                break;
            case ' ' or '\t' or '\r' or '\n':
                break;
            default:
                Keep(value);
                break;
        }
    }

    private void Keep(byte value)
    {
        if (_depth == 1 && (_isName || _isId) && _token.Count < MaxBytes)
        {
            _token.Add(value);
        }
    }

    private void End()
    {
        if (_depth == 1 && _isId)
        {
            _found = [.. _token];
        }

        if (_depth == 1)
        {
            _isId = false;
            _token.Clear();
        }
    }
}
