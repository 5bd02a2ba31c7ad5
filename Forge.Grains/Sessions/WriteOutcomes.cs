using Forge.Checkpoints;

namespace Forge.Grains.Sessions;

/// <summary>Outcomes of pending writes as they are remembered: a letter each.</summary>
internal static class WriteOutcomes
{
    public static string Tell(IReadOnlyList<WriteOutcome> outcomes) => string.Create(outcomes.Count, outcomes, static (text, of) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = of[i] switch
            {
                WriteOutcome.Written => 'w',
                WriteOutcome.Replaced => 'r',
                _ => 'k',
            };
        }
    });

    public static IReadOnlyList<WriteOutcome> Read(string told) => [.. told.Select(letter => letter switch
    {
        'w' => WriteOutcome.Written,
        'r' => WriteOutcome.Replaced,
        _ => WriteOutcome.Kept,
    })];
}
