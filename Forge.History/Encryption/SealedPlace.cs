using System.Buffers.Binary;
using System.Text;
using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Encryption;

/// <summary>
/// What a sealed value is bound to beside its session: what kind of value it is, and the row that it is of, by what stays the same while the
/// row is there. Positions of checkpoints are not among it, for an import moves them, and neither is what a reclaim writes anew.
/// </summary>
internal static class SealedPlace
{
    public static byte[] OfState(long sequence, ReadOnlySpan<byte> checksum) => [1, .. Number(sequence), .. checksum];

    public static byte[] OfMessage(long sequence, CheckpointId id) => [2, .. Number(sequence), .. id.Value.ToByteArray(bigEndian: true)];

    public static byte[] OfAnnotation(long sequence, long position, AnnotationSeverity severity) =>
        [3, .. Number(sequence), .. Number(position), .. Number((long)severity)];

    public static byte[] OfWrite(StoredWrite write) =>
        [4, .. Number(write.Sequence), .. Number(write.Index), .. write.Checksum, .. Encoding.UTF8.GetBytes(write.Task)];

    public static byte[] OfRequest(RememberedRequest request) =>
        [5, .. request.Id.ToByteArray(bigEndian: true), .. Number(request.At.UtcTicks), .. Encoding.UTF8.GetBytes(request.Kind)];

    /// <summary>What the key of a session is made of, beside a data key.</summary>
    public static byte[] OfSession(SessionAddress session) =>
        Encoding.UTF8.GetBytes($"forge.session {session.Tenant.Value} {session.Session.Value}");

    private static byte[] Number(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }
}
