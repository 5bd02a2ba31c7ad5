using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.Grains.Tests.Engine;

/// <summary>The chain as docs/integrity.md lays it out, written a second time and as plainly as can be.</summary>
internal sealed class ReferenceChain(SessionAddress address)
{
    private byte[] _value = Genesis(address, 1);

    private long _position;
    private int _life = 1;

    /// <summary>Goes through all that a commit adds, and holds each chain value against its own.</summary>
    public void Append(SessionCommit commit)
    {
        if (commit.Head.Incarnation != _life)
        {
            // The positions go on, and the chain begins with the life.
            Assert.Equal(++_life, commit.Head.Incarnation);
            Assert.Equal(_position, commit.Head.ChainedAfter);
            _value = Genesis(address, _life);
        }

        var links = commit.Creates.Select(c => (c.Position, c.Chain, Encoding: Encode(c), IsImport: false))
            .Concat(commit.Events.Select(e => (e.Position, e.Chain, Encoding: Encode(e), IsImport: e.Kind == SessionEventKind.Imported)))
            .OrderBy(l => l.Position);
        foreach (var (position, chain, encoding, isImport) in links)
        {
            // What an import brings along has the positions before its event, and a chain of its own.
            Assert.True(isImport ? position > _position + 1 : position == _position + 1, $"{position} follows {_position}");
            _position = position;
            _value = SHA256.HashData([.. _value, .. encoding]);
            Assert.Equal(_value, chain);
        }

        Assert.Equal(_position == 0 || commit.Head.DeletedAt is not null ? null : _value, commit.Head.Chain);
    }

    private static byte[] Genesis(SessionAddress address, int life) => SHA256.HashData([
        .. Text("forge.history"), 1, 0, .. Text(address.Tenant.Value), .. Text(address.Session.Value), .. Number(life)]);

    private static byte[] Encode(StoredCheckpoint c) =>
    [
        1, 1, .. Number(c.Position), .. Number(c.Sequence), .. c.Id.Value.ToByteArray(bigEndian: true), .. Time(c.CreatedAt),
        .. Text(c.Message), .. Number(c.Tags.Count), .. c.Tags.SelectMany(Text), .. Number((int)c.Trigger), .. Number(c.Parent),
        .. Text(c.ContentType), .. Number(c.Size), .. Number(c.Checksum.Length), .. c.Checksum,
        .. c.Branch is { } branch ? [.. Text("branch"), .. Text(branch)] : Array.Empty<byte>(),
        .. c.Requires is { } requires ? [.. Text("requires"), .. Text(requires)] : Array.Empty<byte>(),
    ];

    private static byte[] Encode(SessionEvent e) =>
    [
        1, 2, .. Number(e.Position), .. Number((int)e.Kind), .. Time(e.At), .. Number(e.Sequence), .. Number(e.LastSequence),
        (byte)(e.Detail is null ? 0 : 1), .. Text(e.Detail ?? ""),
    ];

    private static byte[] Text(string text) => [.. Number(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Time(DateTimeOffset time) => Number((time - DateTimeOffset.UnixEpoch).Ticks / 10);

    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }
}
