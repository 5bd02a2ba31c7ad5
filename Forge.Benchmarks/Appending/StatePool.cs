using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Forge.Benchmarks.Appending;

internal enum StateKind
{
    /// <summary>Random bytes, which nothing can make smaller.</summary>
    Random,

    /// <summary>JSON text as an agent's state has it.</summary>
    Json,
}

/// <summary>
/// The states that a contest saves: the same bytes for every side. Which state a checkpoint got is told by its message, so
/// that it can be compared afterwards.
/// </summary>
internal sealed class StatePool
{
    private const int Count = 512;
    private const string Prefix = "step ";
    private const string End = "\"}]}";

    private readonly byte[][] _states;
    private readonly byte[][] _checksums;

    public StatePool(int size, StateKind kind)
    {
        (Size, Kind) = (size, kind);
        _states = [.. Enumerable.Range(0, Count).Select(i => kind == StateKind.Random ? RandomState(i) : JsonState(i))];
        _checksums = [.. _states.Select(s => SHA256.HashData(s))];
    }

    public int Size { get; }

    public StateKind Kind { get; }

    /// <summary>The end of the names of sides that save these states, as <c>2KB.random</c>.</summary>
    public string Label => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Size % 1024 == 0 ? $"{Size / 1024}KB" : $"{Size}B")}.{(Kind == StateKind.Random ? "random" : "json")}");

    public byte[] State(long step) => _states[step % Count];

    /// <summary>All states as one document, <c>{"states": […]}</c>; of JSON states alone.</summary>
    public byte[] ToJson() => [.. "{\"states\":["u8, .. _states.SelectMany((s, i) => i == 0 ? s : [(byte)',', .. s]), .. "]}"u8];

    /// <summary>The SHA-256 of a state, made beforehand: baselines without a checksum of their own are not slowed by one.</summary>
    public byte[] Checksum(long step) => _checksums[step % Count];

    public static string Message(long step) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step}");

    /// <summary>True if the bytes are those of the step that the message names.</summary>
    public bool Matches(string message, ReadOnlySpan<byte> state) =>
        message.StartsWith(Prefix, StringComparison.Ordinal)
        && long.TryParse(message.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
        && state.SequenceEqual(State(step));

    private byte[] RandomState(int seed)
    {
        var state = new byte[Size];
        Seeded(seed).NextBytes(state);
        return state;
    }

    private byte[] JsonState(int seed)
    {
        var random = Seeded(seed);
        var text = new StringBuilder(Size + 128).Append(CultureInfo.InvariantCulture, $"{{\"step\":{seed},\"history\":[");
        string[] words = ["read", "file", "the", "hypothesis", "holds", "checked", "tool", "answer", "because", "evidence", "next", "result"];
        while (text.Length < Size - 280)
        {
            text.Append("{\"role\":\"assistant\",\"content\":\"");
            for (var i = 0; i < 12; i++)
            {
                AppendWord();
            }

            text.Append("\"},");
        }

        text.Append("{\"role\":\"end\",\"content\":\"");
        while (text.Length < Size - 24)
        {
            AppendWord();
        }

        text.Append('.', Size - text.Length - End.Length).Append(End);
        return Encoding.ASCII.GetBytes(text.ToString());

        void AppendWord() => text.Append(words[random.Next(words.Length)]).Append(' ').Append(random.Next(1000)).Append(' ');
    }

    [SuppressMessage("Security", "CA5394", Justification = "The states have to be the same in every run; nothing is secret.")]
    private static Random Seeded(int seed) => new(seed);
}
