using Forge.Effects;
using Forge.Events;
using Forge.History.Rows;

namespace Forge.History.Chain;

/// <summary>What the detail of an event says of an effect.</summary>
/// <param name="Key">The effect.</param>
/// <param name="Class">How it may be repeated.</param>
/// <param name="Epoch">The run that it happened to.</param>
/// <param name="State">How the effect stands from then on.</param>
internal sealed record EffectDetail(string Key, short Class, long Epoch, short State)
{
    /// <summary>What was said of the run; null if it was begun.</summary>
    public short? Verdict { get; init; }

    /// <summary>Who resolved it.</summary>
    public string? By { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>The SHA-256 of the request in hexadecimal, if it was begun.</summary>
    public string? Request { get; init; }

    /// <summary>The SHA-256 of the result in hexadecimal.</summary>
    public string? Result { get; init; }

    /// <summary>False if the numbers say what this version does not know.</summary>
    public bool IsKnown => Key is not null && Enum.IsDefined((EffectClass)Class) && Enum.IsDefined((EffectStatus)State)
        && (Verdict is not { } verdict || Enum.IsDefined((EffectVerdict)verdict));

    /// <summary>The same as callers see it.</summary>
    public EventEffect ToEvent() => new(Key, (EffectClass)Class, Epoch, (EffectVerdict?)Verdict, By, Reason, Request, Result);

    /// <summary>What an event tells of an effect as it stands from then on.</summary>
    public static EffectDetail Of(StoredEffect row, long epoch) => new(row.Key, (short)row.Class, epoch, (short)row.State);
}
