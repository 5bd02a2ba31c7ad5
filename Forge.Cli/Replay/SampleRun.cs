using System.Globalization;
using System.Text;

namespace Forge.Cli.Replay;

/// <summary>
/// Makes a run up that looks like a recorded one. Its text has what tends to get lost on the way: escapes that could be
/// written otherwise, numbers with an exponent, uneven space, letters of several scripts. The same for the same number.
/// </summary>
internal static class SampleRun
{
    private static readonly string[] Contents =
    [
        "\"Look at the failing test.\\nIt names \\u0027TimeDelta\\u0027.\"",
        "\"Ich pr\u00FCfe die Datei: \\/src\\/fields.py \u2014 \u4E00\u6B65\u4E00\u6B65\"",
        "{ \"command\" :\"grep -n rounding\",\"timeout\":1.50e+1 }",
        "[1,  2,\t3.0, -0.0,true , null]",
        "\"\\ud83d\\ude80 done \U0001F680\"",
    ];

    public static byte[] Make(int steps)
    {
        var random = new Random(20);
        var text = new StringBuilder("{\n  \"environment\": \"sample\",\n  \"history\": [");
        for (var step = 0; step < steps; step++)
        {
            var role = step == 0 ? "system" : step % 2 == 1 ? "user" : "assistant";
            text.Append(step == 0 ? "\n    " : ",\n    ")
                .Append("{\"role\": \"").Append(role).Append("\",  \"content\": ")
                .Append(Contents[random.Next(Contents.Length)])
                .Append(", \"n\":").Append(step.ToString(CultureInfo.InvariantCulture))
                .Append(", \"pad\": \"").Append('x', random.Next(400)).Append("\"}");
        }

        return Encoding.UTF8.GetBytes(text.Append("\n  ],\n  \"info\": {}\n}\n").ToString());
    }
}
