using Forge.History.Rows;
using Forge.History.Verification;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Integrity;

public sealed class AnchorChecksTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Meet_AnyAnchorsInAnyOrder_EachIsHeldAgainstItsOwnPosition(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var anchors = Enumerable.Range(0, random.Next(20))
                .Select(_ => new Anchor(random.Next(1, 30), random.Next(3) == 0 ? "00" : random.Next(2) == 0 ? "AB" : "ab")).ToList();
            var wanted = anchors.ConvertAll(_ => AnchorOutcome.Broken);
            var checks = new AnchorChecks(anchors);
            for (var position = 1L; position <= 25; position++)
            {
                var (at, length) = (position, random.Next(4) == 0 ? random.Next(1, 5) : 0);
                if (length > 0)
                {
                    var run = new RemovedRun(at, at + length, 0, 0, 0, [0xab], 0);
                    checks.Meet(run);
                    Expect(a => a.Position >= run.FirstPosition && a.Position < run.LastPosition, AnchorOutcome.Removed);
                    position = run.LastPosition;
                }
                else
                {
                    checks.Meet(position, [0xab]);
                }

                Expect(a => a.Position == position && a.Chain != "00", AnchorOutcome.Holds);
            }

            Assert.Equal(anchors.Zip(wanted, (anchor, outcome) => new AnchorCheck(anchor, outcome)), checks.Result);

            void Expect(Func<Anchor, bool> of, AnchorOutcome outcome)
            {
                for (var i = 0; i < anchors.Count; i++)
                {
                    wanted[i] = of(anchors[i]) ? outcome : wanted[i];
                }
            }
        }
    }
}
