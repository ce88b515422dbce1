global using PcieFabric.Tlps;
global using PcieFabric.Units;
