using System.CommandLine;
using System.Text.Json;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Commands;

/// <summary>What a restore or a fork does about effects that came later than its point.</summary>
internal sealed class EffectOptions
{
    public Option<bool> Refuse { get; } = Names.Flag("--refuse-effects", "Refuse if effects came later that are not named by --acknowledge.");

    public Option<string[]> Acknowledge { get; } = Names.Many("--acknowledge", "An effect that came later and that it is made in spite of; may be given several times.");

    /// <summary>Says it in a body.</summary>
    public void WriteTo(Utf8JsonWriter writer, Call call)
    {
        writer.Optional("effects", call.Get(Refuse) ? "refuse" : null);
        writer.Texts("acknowledge", call.Get(Acknowledge)!);
    }

    /// <summary>Tells of the effects that came later.</summary>
    public static void Tell(Call call, EffectsAfterShape after)
    {
        if (after.Count == 0)
        {
            return;
        }

        call.Screen.Line($"{Said.Count(after.Count, "effect")} came later, and {(after.Count == 1 ? "is" : "are")} not undone:");
        foreach (var effect in after.Items)
        {
            call.Screen.Line($"  {Harmless.Line(effect.Key)} ({effect.Class}, {effect.Status})");
        }

        if (after.More)
        {
            call.Screen.Line("  …");
        }
    }
}
