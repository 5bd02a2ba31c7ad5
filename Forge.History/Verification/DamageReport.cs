using Forge.Integrity;

namespace Forge.History.Verification;

/// <summary>Collects damages: counts the places of all, and keeps the first of them.</summary>
internal sealed class DamageReport
{
    /// <summary>The most damages that are told one by one.</summary>
    public const int Capacity = 100;

    private readonly List<Damage> _damages = [];
    private (long Position, long Sequence, bool Head) _lastPlace = (-1, -1, false);

    public IReadOnlyList<Damage> Damages => _damages;

    /// <summary>How many places are damaged. What is met of one place comes together.</summary>
    public long Places { get; private set; }

    public void Add(DamageKind kind, long position, long sequence, string problem)
    {
        var place = (position, sequence, kind is DamageKind.Head or DamageKind.Branch);
        if (place != _lastPlace)
        {
            Places++;
            _lastPlace = place;
        }

        if (_damages.Count < Capacity)
        {
            _damages.Add(new Damage(kind, position, sequence, problem));
        }
    }
}
