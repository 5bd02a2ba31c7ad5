using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Differences.Plans;

/// <summary>Finds out which places of two documents differ.</summary>
internal sealed class DifferencePlanner(Budget budget)
{
    /// <summary>How many levels down parts are told apart; what differs below is replaced on the last level.</summary>
    public const int Levels = 128;

    /// <summary>True if a bound was met, and so the patch may be longer than it has to be.</summary>
    public bool IsCoarse { get; private set; }

    /// <summary>Notes that a bound was met.</summary>
    public void NoteBound() => IsCoarse = true;

    /// <summary>What becomes of the document; null if both are the same.</summary>
    public Edit? Plan(JsonPart from, JsonPart to)
    {
        if (JsonPart.AreSame(from, to, budget))
        {
            return null;
        }

        var root = new Edit(null) { From = from, To = to };
        Compare(root, 0);
        Moves.Link(root, budget);
        Costs.Decide(root, budget);
        return root;
    }

    /// <summary>Decides what becomes of a place that has another value.</summary>
    public void Compare(Edit place, int level)
    {
        var isArray = place.From.Kind == ValueKind.Array;
        place.Kind = EditKind.Replace;
        if (place.From.Kind != place.To.Kind || !(isArray || place.From.Kind == ValueKind.Object))
        {
            return;
        }

        if (level == Levels)
        {
            IsCoarse = true;
            return;
        }

        var plan = new ContainerPlan(place, isArray);
        if (isArray && !new ArrayPlanner(this, budget, plan, level).TryPlan())
        {
            IsCoarse = true;
            return;
        }

        if (!isArray)
        {
            CompareMembers(plan, level);
        }

        (place.Kind, place.Inside) = (EditKind.Inside, plan);
    }

    private void CompareMembers(ContainerPlan plan, int level)
    {
        var (from, to) = (plan.Place.From, new ObjectMembers(plan.Place.To));
        var found = new bool[to.Count];
        foreach (var member in from)
        {
            budget.Note();
            if (!to.TryFind(member.Name, out var other, out var place))
            {
                plan.Add(new Edit(plan) { Kind = EditKind.Remove, From = member });
                continue;
            }

            found[place] = true;
            if (!JsonPart.AreSame(member, other, budget))
            {
                var edit = new Edit(plan) { From = member, To = other };
                Compare(edit, level + 1);
                plan.Add(edit);
            }
        }

        for (var i = 0; i < found.Length; i++)
        {
            if (!found[i])
            {
                plan.Add(new Edit(plan) { Kind = EditKind.Add, To = to.All[i] });
            }
        }
    }
}
