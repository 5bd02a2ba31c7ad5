using Forge.Differences.Sequences;

namespace Forge.Differences.Plans;

/// <summary>
/// Replaces a container whole where to say what changes in it would take far more bytes: changes in detail are worth something, but a patch
/// must not grow without bound beside the document that it makes.
/// </summary>
/// <remarks>
/// First the costs of all containers are added up, then it is decided from the innermost outwards. What is replaced takes no part in moves
/// any more, which makes other containers dearer: their costs are kept right, and they are looked at again at the end.
/// </remarks>
internal sealed class Costs
{
    /// <summary>The bytes of an operation without its pointers and its value.</summary>
    private const int Frame = 36;

    /// <summary>The bytes that changes in detail may always take.</summary>
    private const int Allowance = 256;

    private readonly Budget _budget;

    /// <summary>The containers that have lost moves, each at most once.</summary>
    private readonly Queue<ContainerPlan> _touched = new();

    private Costs(Budget budget) => _budget = budget;

    /// <summary>Decides for all that is inside of an edit.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Decide(Edit root, Budget budget)
    {
        if (root.Inside is not { } plan)
        {
            return;
        }

        var costs = new Costs(budget);
        costs.AddUp(plan, 0);
        costs.DecideOutwards(plan);
        costs.DecideAgain();
    }

    /// <summary>The most bytes for changes in detail, where a replacement takes so many.</summary>
    public static long MostBeside(long whole) => (2 * whole) + Allowance;

    private void AddUp(ContainerPlan plan, long path)
    {
        plan.Path = path;
        foreach (var edit in plan.Edits)
        {
            _budget.Note();
            if (edit.Inside is { } inside)
            {
                AddUp(inside, PathOf(edit));
                plan.Cost += inside.Cost;
            }
            else
            {
                plan.Cost += CostOf(edit);
            }
        }
    }

    private void DecideOutwards(ContainerPlan plan)
    {
        foreach (var edit in plan.Edits)
        {
            _budget.Note();
            if (edit.Inside is { } inside)
            {
                DecideOutwards(inside);
            }
        }

        Decide(plan);
    }

    private void DecideAgain()
    {
        while (_touched.TryDequeue(out var plan))
        {
            plan.IsTouched = false;
            for (var at = plan; at is not null; at = at.Place.Container)
            {
                _budget.Note();
                Decide(at);
            }
        }
    }

    private void Decide(ContainerPlan plan)
    {
        var place = plan.Place;
        var whole = Frame + plan.Path + place.To.CompactLength;
        if (place.Inside != plan || plan.Cost <= MostBeside(whole))
        {
            return;
        }

        (place.Kind, place.Inside) = (EditKind.Replace, null);
        Add(place.Container, whole - plan.Cost);
        PartMoves(plan);
    }

    /// <summary>Adds to the cost of a container, and so of all around it, as far out as they are not replaced.</summary>
    private void Add(ContainerPlan? plan, long cost)
    {
        for (var at = plan; at is not null && at.Place.Inside == at; at = at.Place.Container)
        {
            _budget.Note();
            at.Cost += cost;
        }
    }

    /// <summary>Parts all moves from and to a container that is replaced whole.</summary>
    private void PartMoves(ContainerPlan plan)
    {
        foreach (var edit in plan.Edits)
        {
            _budget.Note();
            if (edit.Partner is { } partner)
            {
                var linked = CostOf(partner);
                (edit.Partner, partner.Partner) = (null, null);
                Add(partner.Container, CostOf(partner) - linked);
                Touch(partner.Container!);
            }

            if (edit.Inside is { } inside)
            {
                PartMoves(inside);
            }
        }
    }

    private void Touch(ContainerPlan plan)
    {
        if (!plan.IsTouched)
        {
            plan.IsTouched = true;
            _touched.Enqueue(plan);
        }
    }

    /// <summary>The cost of an edit other than one inside.</summary>
    private static long CostOf(Edit edit) => edit.Kind switch
    {
        EditKind.Replace => Frame + PathOf(edit) + edit.To.CompactLength,
        EditKind.Add => edit.Partner is null ? Frame + PathOf(edit) + edit.To.CompactLength : Frame + (2 * PathOf(edit)),
        _ => edit.Partner is null ? Frame + PathOf(edit) : 0,
    };

    private static long PathOf(Edit edit)
    {
        var plan = edit.Container!;
        return plan.Path + 1 + (plan.IsArray ? DigitsOf(Math.Max(edit.FromIndex, edit.ToIndex)) : edit.Named.NameLength);
    }

    private static int DigitsOf(int number) => number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : number < 10_000 ? 4 : 7;
}
