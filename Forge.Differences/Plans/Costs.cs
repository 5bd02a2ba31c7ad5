namespace Forge.Differences.Plans;

/// <summary>
/// Replaces a container whole where to say what changes in it would take far more bytes: changes in detail are worth something, but a patch
/// must not grow without bound beside the document that it makes.
/// </summary>
internal static class Costs
{
    /// <summary>The bytes of an operation without its pointers and its value.</summary>
    private const int Frame = 36;

    /// <summary>The bytes that changes in detail may always take.</summary>
    private const int Allowance = 256;

    public static void Decide(Edit root) => CostOf(root, 0);

    /// <summary>The most bytes for changes in detail, where a replacement takes so many.</summary>
    public static long MostBeside(long whole) => (2 * whole) + Allowance;

    private static long CostOf(Edit edit, long path) => edit.Kind switch
    {
        EditKind.Inside => CostOf(edit, edit.Inside!, path),
        EditKind.Replace => Frame + path + edit.To.Length,
        EditKind.Add => edit.Partner is null ? Frame + path + edit.To.Length : Frame + (2 * path),
        _ => edit.Partner is null ? Frame + path : 0,
    };

    private static long CostOf(Edit edit, ContainerPlan plan, long path)
    {
        var whole = Frame + path + edit.To.Length;
        var cost = 0L;
        foreach (var inside in plan.Edits)
        {
            cost += CostOf(inside, path + 1 + (plan.IsArray ? DigitsOf(Math.Max(inside.FromIndex, inside.ToIndex)) : inside.Named.NameLength));
            if (cost > MostBeside(whole))
            {
                Moves.Unlink(plan);
                (edit.Kind, edit.Inside) = (EditKind.Replace, null);
                return whole;
            }
        }

        return cost;
    }

    private static int DigitsOf(int number) => number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : number < 10_000 ? 4 : 7;
}
