namespace PcieFabric.ConfigSpaces;

/// <summary>The registers of a layout as a Markdown document, out of the declarations that the registers behave by.</summary>
public static class ConfigSpaceDocument
{
    public static void Write(TextWriter writer, ConfigSpaceLayout layout)
    {
        foreach (var block in layout.Blocks)
        {
            writer.Write($"## {block.Name} (0x{block.Offset:x3})\n\n| offset | bits | register | field | access | reset |\n|---|---|---|---|---|---|\n");
            foreach (var register in block.Registers.OrderBy(r => r.Offset))
                foreach (var field in register.Fields.OrderByDescending(f => f.High)) WriteRow(writer, block.Offset + register.Offset, register, field);
            writer.Write('\n');
        }
    }

    private static void WriteRow(TextWriter writer, int offset, Register register, RegisterField field)
    {
        var bits = field.High == field.Low ? $"{field.High}" : $"{field.High}:{field.Low}";
        writer.Write($"| 0x{offset:x3} | {bits} | {register.Name} | {field.Name} | {field.Access.Abbreviation()} | 0x{field.Reset:x} |\n");
    }
}
