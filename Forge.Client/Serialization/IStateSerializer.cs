namespace Forge.Client.Serialization;

/// <summary>Turns an agent's states into bytes and back. Must be safe for concurrent use.</summary>
public interface IStateSerializer
{
    /// <summary>The media type of what <see cref="Serialize{T}"/> gives: 1 to 255 characters of printable ASCII.</summary>
    string ContentType { get; }

    /// <summary>True if <see cref="Deserialize{T}"/> can be tried on states of a media type.</summary>
    bool CanRead(string contentType);

    /// <summary>The bytes of a state. They must not change afterwards.</summary>
    ReadOnlyMemory<byte> Serialize<T>(T state);

    /// <summary>The state that bytes stand for. Must not keep the bytes.</summary>
    T Deserialize<T>(ReadOnlyMemory<byte> bytes);
}
