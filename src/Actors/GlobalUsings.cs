global using PcieFabric.Addressing;
global using PcieFabric.Memory;
global using PcieFabric.Tlps;
global using PcieFabric.Units;
global using PcieFabric.ConfigSpaces.Capabilities;
