using System.Text;

namespace Forge.Grains.Tests.History.Deltas;

/// <summary>Makes states as agents do, and as nobody does: that grow, shrink, are edited, equal, random or something else.</summary>
internal sealed class StateScript(Random random)
{
    private static readonly string[] Words =
        ["the", "agent", "reads", "file", "error:", "expected", "{\"role\":\"user\",", "\"content\":", "0x1F", "tests", "passed"];

    /// <summary>The state that follows another; never longer than so many bytes.</summary>
    public byte[] Next(byte[] before, int most)
    {
        var next = random.Next(9) switch
        {
            0 => Text(random.Next(0, most)),
            1 => Noise(random.Next(0, most)),
            2 => [.. before],
            3 => before[..random.Next(before.Length + 1)],
            4 => [],
            5 => [.. Text(random.Next(1, 20)), .. before, .. Text(random.Next(1, 20))],
            6 => Edit(before),
            _ => Append(before),
        };
        return next.Length <= most ? next : next[..most];
    }

    public byte[] Text(int length)
    {
        var text = new StringBuilder(length + 20);
        while (text.Length < length)
        {
            text.Append(Words[random.Next(Words.Length)]).Append(' ').Append(random.Next(1000));
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    private byte[] Noise(int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }

    private byte[] Append(byte[] before)
    {
        var end = Math.Min(before.Length, random.Next(3));
        return [.. before[..^end], .. Text(random.Next(1, 400)), .. before[^end..]];
    }

    private byte[] Edit(byte[] before)
    {
        byte[] next = [.. before];
        for (var i = random.Next(1, 5); i > 0 && next.Length > 0; i--)
        {
            var at = random.Next(next.Length);
            var gone = Math.Min(next.Length - at, random.Next(30));
            next = [.. next[..at], .. random.Next(2) == 0 ? Text(random.Next(60)) : Noise(random.Next(60)), .. next[(at + gone)..]];
        }

        return next;
    }
}
