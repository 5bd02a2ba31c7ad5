using System.Text;

namespace Forge.Benchmarks.Transcripts;

/// <summary>Conversations in which a piece of the middle is written anew at each step.</summary>
internal static class EditedStates
{
    private const int Seed = 501;
    private const int Replaced = 400;

    /// <summary>The states as they are given, each with all edits up to its step: one more piece of 400 bytes in the middle half each.</summary>
    /// <param name="states">Of 1 KB at the least; the first stays as it is.</param>
    public static IReadOnlyList<byte[]> Of(IReadOnlyList<byte[]> states)
    {
        var text = new MadeText(Seed);
        var edits = new List<(int At, byte[] Bytes)>();
        var edited = new List<byte[]> { states[0] };
        foreach (var state in states.Skip(1))
        {
            edits.Add((states[0].Length / 4 + text.Number(states[0].Length / 2), Encoding.UTF8.GetBytes(text.Sentences(2 + text.Number(5)))));
            edited.Add(edits.Aggregate(state, Edit));
        }

        return edited;
    }

    private static byte[] Edit(byte[] state, (int At, byte[] Bytes) edit) =>
        [.. state.AsSpan(0, edit.At), .. edit.Bytes, .. state.AsSpan(edit.At + Replaced)];
}
