namespace Forge.History.Changes;

/// <summary>Applies the changes of a commit in their order, each kind in its own way.</summary>
internal interface IChangeVisitor
{
    void Visit(Created change);

    void Visit(Tagged change);

    void Visit(Mended change);

    void Visit(Annotated change);

    void Visit(Wrote change);

    void Visit(Removed change);

    void Visit(RangeRemoved change);

    void Visit(TrunksMarked change);

    void Visit(BranchMoved change);

    void Visit(Logged change);

    void Visit(Remembered change);

    void Visit(Due change);

    void Visit(Labelled change);

    void Visit(TookOver change);

    void Visit(Revived change);

    void Visit(Claimed change);

    void Visit(BeganFrom change);

    void Visit(EffectSet change);

    void Visit(EffectsRemoved change);

    void Visit(DueStateMoved change);
}
