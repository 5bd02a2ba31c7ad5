using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Forge.History.Changes;

namespace Forge.History.Feeds;

/// <summary>
/// The entries of a row of the feed as bytes: of each the key, the first position and how many more there are, as varints. Entries stand
/// one behind another with nothing between them, so that a database can join those of sessions that passed.
/// </summary>
internal static class FeedEntries
{
    /// <summary>The most bytes of a varint of 64 bits.</summary>
    private const int MaxVarint = 10;

    /// <summary>The entries of a batch, by tenant in ordinal order; nothing for tenants in whose sessions nothing happened.</summary>
    public static IEnumerable<KeyValuePair<string, byte[]>> ByTenant(IReadOnlyList<SessionCommit> commits)
    {
        // Nearly always there is one tenant.
        SortedDictionary<string, ArrayBufferWriter<byte>>? others = null;
        string? tenant = null;
        var bytes = new ArrayBufferWriter<byte>(4 * MaxVarint);
        for (var i = 0; i < commits.Count; i++)
        {
            if (FeedEntry.Of(commits[i]) is not { } entry)
            {
                continue;
            }

            var name = commits[i].Address.Tenant.Value;
            tenant ??= name;
            var of = name == tenant ? bytes : Find(others ??= new(StringComparer.Ordinal), name);
            Write(of, entry);
        }

        if (tenant is null)
        {
            return [];
        }

        if (others is null)
        {
            return [new(tenant, bytes.WrittenSpan.ToArray())];
        }

        others.Add(tenant, bytes);
        return [.. others.Select(o => new KeyValuePair<string, byte[]>(o.Key, o.Value.WrittenSpan.ToArray()))];
    }

    /// <summary>One entry as bytes.</summary>
    public static byte[] Bytes(FeedEntry entry)
    {
        var bytes = new ArrayBufferWriter<byte>(3 * MaxVarint);
        Write(bytes, entry);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads what was written; false if it is something else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out List<FeedEntry>? entries)
    {
        var read = new List<FeedEntry>();
        entries = null;
        while (!bytes.IsEmpty)
        {
            if (!TryRead(ref bytes, out var key) || !TryRead(ref bytes, out var first) || !TryRead(ref bytes, out var more)
                || key == 0 || first == 0 || more > long.MaxValue - first)
            {
                return false;
            }

            read.Add(new FeedEntry(key, first, first + more));
        }

        entries = read;
        return true;
    }

    private static ArrayBufferWriter<byte> Find(SortedDictionary<string, ArrayBufferWriter<byte>> all, string tenant)
    {
        if (!all.TryGetValue(tenant, out var found))
        {
            all.Add(tenant, found = new ArrayBufferWriter<byte>(4 * MaxVarint));
        }

        return found;
    }

    private static void Write(ArrayBufferWriter<byte> bytes, FeedEntry entry)
    {
        Write(bytes, entry.Key);
        Write(bytes, entry.First);
        Write(bytes, entry.Last - entry.First);
    }

    private static void Write(ArrayBufferWriter<byte> bytes, long value)
    {
        var span = bytes.GetSpan(MaxVarint);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        bytes.Advance(length);
    }

    private static bool TryRead(ref ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        for (var (i, shift) = (0, 0); i < bytes.Length && shift < 63; i++, shift += 7)
        {
            value |= (bytes[i] & 0x7FL) << shift;
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
